// This file knows the resident world: places, visits, orders, couriers and the ways between them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "clock.hpp"
#include "spread.hpp"

namespace recourse {

// Both directions of the way between two places, side by side: whoever asks how to get to a place
// asks next how to leave it.
struct Way {
    std::int32_t out;  // from the place of the row to the other
    std::int32_t in;   // from the other place to the place of the row
};

struct Visit {
    std::int32_t place = 0;
    Seconds earliest = 0;  // service starts between these two
    Seconds latest = 0;
    Seconds service = 0;
    Seconds due = std::numeric_limits<Seconds>::max();  // later than this costs
    std::int32_t late_price = 0;                         // per second
    std::int32_t price = 0;                              // of doing it at all
    std::int32_t order = kNone;
    std::int32_t pickup = kNone;  // of a delivery: where the same courier collects before
    bool delivers = false;
    Load demand{};
};

// One way to serve an order: where it is collected, if it is, and where it is delivered.
struct Option {
    std::int32_t pickup = kNone;
    std::int32_t delivery = kNone;
};

struct Order {
    // The option in use; of an order without a courier the first or, in a search, the one used last.
    std::int32_t pickup = kNone;
    std::int32_t delivery = kNone;
    std::int32_t only_courier = kNone;  // whoever has the parcel in hand
    std::int32_t told_courier = kNone;
    Price unserved_price = 0;
    Price move_price = 0;
    std::uint64_t skills = 0;
    std::vector<Option> options;  // all of them, or nothing if there is only one
    bool open = true;
    std::uint64_t version = 0;  // another with every fact that changes
};

struct Courier {
    std::int32_t start_place = 0;
    std::int32_t end_place = 0;  // none: the day ends at the last stop
    std::int32_t profile = 0;    // whose ways are theirs
    Seconds start = 0;
    Seconds end = 0;
    Seconds break_length = 0;                                   // that is owed; 0 for none
    Seconds break_by = std::numeric_limits<Seconds>::max();     // when it must have begun
    std::int32_t told_next = kNone;
    Price next_price = 0;
    Price second_price = 0;  // of the time from the start to the end of the day's way
    Load capacity{};
    Load load{};
    std::uint64_t skills = 0;
    bool on_duty = true;
};

// Times and prices between all places, dense, with room to grow. Where price and time are the same
// numbers, they are kept once. Beside the places there is nowhere (`kNone`), where a day without a
// way home ends: its row and its column are zero, so nobody has to ask whether there is an end.
class Travel {
public:
    Travel(std::int32_t n_places, const std::int32_t* time, const std::int32_t* price)
        : n_(n_places), side_(n_places + 1), time_(both_ways(n_places, time)) {
        if (price != nullptr) price_ = both_ways(n_places, price);
    }

    std::int32_t n_places() const { return n_; }
    const Way* times(std::int32_t place) const { return time_.data() + row(place); }
    const Way* prices(std::int32_t place) const {
        return (price_.empty() ? time_.data() : price_.data()) + row(place);
    }

    // One place more; its ways are set next.
    std::int32_t add_place() {
        if (n_ + 1 == side_) widen(side_ + side_ / 2 + 8);
        return n_++;
    }

    // Everything about one place: the ways out of it and the ways into it, for every place.
    void set_place(std::int32_t place, const std::int32_t* time_out, const std::int32_t* time_in,
                   const std::int32_t* price_out, const std::int32_t* price_in) {
        if (price_.empty()) price_ = time_;
        write(time_, place, time_out, time_in);
        write(price_, place, price_out, price_in);
    }

private:
    // Where place 0 of a row is; nowhere comes right before it.
    std::size_t row(std::int32_t place) const {
        return static_cast<std::size_t>(place + 1) * static_cast<std::size_t>(side_) + 1;
    }

    static std::vector<Way> both_ways(std::int32_t n, const std::int32_t* square) {
        const auto side = static_cast<std::size_t>(n);
        std::vector<Way> ways((side + 1) * (side + 1), Way{});
        for (std::size_t a = 0; a < side; ++a)
            for (std::size_t b = 0; b < side; ++b)
                ways[(a + 1) * (side + 1) + b + 1] = {square[a * side + b], square[b * side + a]};
        return ways;
    }

    void widen(std::int32_t side) {
        for (std::vector<Way>* ways : {&time_, &price_}) {
            if (ways->empty()) continue;
            std::vector<Way> wide(static_cast<std::size_t>(side) * static_cast<std::size_t>(side), Way{});
            for (std::int32_t a = 0; a < n_; ++a)
                std::copy_n(ways->begin() + static_cast<std::ptrdiff_t>(row(a)), n_,
                            wide.begin() + static_cast<std::ptrdiff_t>(a + 1) * side + 1);
            ways->swap(wide);
        }
        side_ = side;
    }

    void write(std::vector<Way>& ways, std::int32_t place, const std::int32_t* out,
               const std::int32_t* in) const {
        for (std::int32_t other = 0; other < n_; ++other) {
            ways[row(place) + static_cast<std::size_t>(other)] = {out[other], in[other]};
            ways[row(other) + static_cast<std::size_t>(place)] = {in[other], out[other]};
        }
    }

    std::int32_t n_;
    std::int32_t side_;  // of the square that is set aside; more than n_
    std::vector<Way> time_;
    std::vector<Way> price_;
};

struct World {
    std::vector<Travel> ways;  // by profile
    std::vector<Visit> visits;
    std::vector<Order> orders;
    std::vector<Courier> couriers;
    std::vector<Clock> clocks;         // by profile, or nothing where time of day makes no difference
    std::vector<Dispersion> doubts;    // by profile, or nothing where every time is certain
    std::int32_t doubt_permille = 0;   // of what uncertainty adds to the price of lateness
    std::uint64_t version = 0;  // another when ways change
    bool has_due = false;     // whether being late costs anywhere
    bool has_prices = false;  // ... or anything but ways and moved orders, or a rule a small move does not see
    bool has_moves = false;   // whether moving an order that was told costs anything
    bool minds_moves = true;  // ... and a search counts it at the moment
    std::int32_t usual_profile = 0;

    std::int32_t n_orders() const { return static_cast<std::int32_t>(orders.size()); }
    std::int32_t n_couriers() const { return static_cast<std::int32_t>(couriers.size()); }

    const Travel& travel(std::int32_t profile) const { return ways[static_cast<std::size_t>(profile)]; }

    // Whose ways take longer at some times of the day.
    bool is_timed(std::int32_t profile) const {
        return !clocks.empty() && !clocks[static_cast<std::size_t>(profile)].empty();
    }
    const Clock& clock(std::int32_t profile) const {
        static const Clock always;
        return clocks.empty() ? always : clocks[static_cast<std::size_t>(profile)];
    }

    // Whether the price of a route holds more than the lateness that is expected.
    bool has_doubts() const { return doubt_permille > 0 && !doubts.empty(); }

    // The ways of most couriers stand for everybody's where nobody in particular is asked.
    const Travel& usual_travel() const { return travel(usual_profile); }

    bool may_carry(const Order& order, std::int32_t courier) const {
        const Courier& who = couriers[static_cast<std::size_t>(courier)];
        return who.on_duty && (order.only_courier == kNone || order.only_courier == courier) &&
               (order.skills & ~who.skills) == 0;
    }

    Price move_price(const Order& order, std::int32_t courier) const {
        return order.told_courier == kNone || order.told_courier == courier ? 0 : order.move_price;
    }

    bool counts_moves() const { return has_moves && minds_moves; }

    // The same, as the plan that is worked on counts it.
    Price counted_move(const Order& order, std::int32_t courier) const {
        return minds_moves ? move_price(order, courier) : 0;
    }

    // Who was told to carry an order and still could, if it counts that somebody else does.
    std::int32_t former_courier(const Order& order) const {
        if (!minds_moves || order.move_price <= 0 || order.told_courier == kNone) return kNone;
        return may_carry(order, order.told_courier) ? order.told_courier : kNone;
    }

    // Say of every visit of an order whose it is and what it does.
    void own(std::int32_t number) {
        Order& order = orders[static_cast<std::size_t>(number)];
        const auto note = [&](const Option& option) {
            Visit& door = visits[static_cast<std::size_t>(option.delivery)];
            door.order = number;
            door.delivers = true;
            door.pickup = option.pickup;
            if (option.pickup != kNone) visits[static_cast<std::size_t>(option.pickup)].order = number;
        };
        note({order.pickup, order.delivery});
        for (const Option& option : order.options) note(option);
    }

    // A delivery is in a route: its order is served this way.
    void choose(std::int32_t number) {
        const Visit& visit = visits[static_cast<std::size_t>(number)];
        if (!visit.delivers) return;
        Order& order = orders[static_cast<std::size_t>(visit.order)];
        order.delivery = number;
        order.pickup = visit.pickup;
    }

    void choose_first(std::int32_t number) {
        Order& order = orders[static_cast<std::size_t>(number)];
        if (order.options.empty()) return;
        order.delivery = order.options.front().delivery;
        order.pickup = order.options.front().pickup;
    }

    // Where an order served this way is taken up first.
    std::int32_t first_place(const Option& option) const {
        const std::int32_t first = option.pickup == kNone ? option.delivery : option.pickup;
        return visits[static_cast<std::size_t>(first)].place;
    }

    void note_prices() {
        for (const Visit& visit : visits) {
            has_due |= visit.late_price > 0;
            has_prices |= visit.price != 0;
        }
        for (const Courier& who : couriers) has_prices |= who.second_price > 0 || who.break_length > 0;
        has_prices |= has_due || !clocks.empty();
        for (const Order& order : orders) has_moves |= order.move_price > 0;
    }

    void note_profiles() {
        std::vector<std::int32_t> n_of(ways.size(), 0);
        for (const Courier& who : couriers) ++n_of[static_cast<std::size_t>(who.profile)];
        usual_profile = static_cast<std::int32_t>(std::max_element(n_of.begin(), n_of.end()) - n_of.begin());
    }

    Price late_price(const Visit& visit, Seconds start) const {
        return start > visit.due ? static_cast<Price>(start - visit.due) * visit.late_price : 0;
    }

    // What it costs more that a start is not certain.
    Price doubt_price(const Visit& visit, Seconds start, const Spread& spread) const {
        if (visit.late_price <= 0) return 0;
        const std::int64_t known = start > visit.due ? Spread::kTicks * (static_cast<std::int64_t>(start) - visit.due) : 0;
        const std::int64_t more = std::max(std::int64_t{0}, spread.late(visit.due) - known);
        return more * visit.late_price * doubt_permille / (Spread::kTicks * 1000);
    }
};

}  // namespace recourse
