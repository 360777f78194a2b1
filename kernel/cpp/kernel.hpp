// This file knows what is held from outside: a world, its live plan, and one question at a time.
#pragma once

#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <vector>

#include "events.hpp"
#include "search.hpp"

namespace recourse {

class Kernel {
public:
    explicit Kernel(World world) : world_(std::move(world)), plan_(world_), near_(world_) {}
    Kernel(const Kernel&) = delete;
    Kernel& operator=(const Kernel&) = delete;

    // Tell a plan: how many visits each courier has, and all visits one behind the other.
    void load(const std::int32_t* lengths, const std::int32_t* visits) {
        close();
        plan_.reset();
        for (std::int32_t c = 0; c < world_.n_couriers(); visits += lengths[c++])
            if (lengths[c] > 0) plan_.load(c, visits, lengths[c]);
        const bool is_sound = plan_.is_sound() && is_allowed();
        if (!is_sound) plan_.reset();
        tell(world_, plan_);
        if (!is_sound) throw std::invalid_argument("a route breaks a window, a load, the end of a day, or who may carry");
    }

    std::vector<std::int32_t> drop_courier(std::int32_t courier) {
        return lost_by([&] { recourse::drop_courier(world_, plan_, courier); });
    }

    // Ways of each profile come one behind the other. Returns its number.
    std::int32_t add_place(const std::int32_t* time_out, const std::int32_t* time_in,
                           const std::int32_t* price_out, const std::int32_t* price_in) {
        close();
        std::int32_t added = kNone;
        for (Travel& travel : world_.ways) added = travel.add_place();
        set_place(added, time_out, time_in, price_out, price_in);
        return added;
    }

    // A road is closed, or open again: routes that pass there are driven anew in thought.
    std::vector<std::int32_t> change_place(std::int32_t place, const std::int32_t* time_out,
                                           const std::int32_t* time_in, const std::int32_t* price_out,
                                           const std::int32_t* price_in) {
        return lost_by([&] {
            set_place(place, time_out, time_in, price_out, price_in);
            plan_.ways_changed();
            for (std::int32_t c = 0; c < world_.n_couriers(); ++c) {
                const std::vector<Stop>& stops = plan_.route(c).stops;
                const auto is_there = [&](const Stop& stop) { return stop.place == place; };
                if (std::none_of(stops.begin(), stops.end(), is_there)) continue;
                plan_.relink(c);
                shed(plan_, c);
            }
        });
    }

    // The visits of an order come first; the order points to them.
    std::int32_t add_visit(const Visit& visit) {
        close();
        world_.visits.push_back(visit);
        world_.note_prices();
        return static_cast<std::int32_t>(world_.visits.size()) - 1;
    }

    std::int32_t add_order(const Order& order) {
        close();
        const std::int32_t added = world_.n_orders();
        world_.orders.push_back(order);
        world_.own(added);
        world_.note_prices();
        plan_.add_order();
        near_.add_order();
        return added;
    }

    std::int32_t add_courier(const Courier& who) {
        close();
        world_.couriers.push_back(who);
        world_.note_prices();
        plan_.add_courier();
        near_.move_courier();
        return world_.n_couriers() - 1;
    }

    std::vector<std::int32_t> take_order_out(std::int32_t order) {
        return lost_by([&] { recourse::take_order_out(world_, plan_, order); });
    }

    std::vector<std::int32_t> move_courier(std::int32_t courier, std::int32_t place, Seconds at) {
        return lost_by([&] { recourse::move_courier(world_, plan_, courier, place, at); });
    }

    std::vector<std::int32_t> change_break(std::int32_t courier, Seconds length, Seconds by) {
        return lost_by([&] { recourse::change_break(world_, plan_, courier, length, by); });
    }

    std::vector<std::int32_t> start_stop(std::int32_t courier, Seconds at) {
        return lost_by([&] { recourse::start_stop(world_, plan_, courier, at); });
    }

    void ask(std::uint64_t seed, const Params& params) {
        close();
        search_.emplace(plan_, near_, params, seed);
        search_->first();
    }

    void work(std::int64_t n_steps, double from, double to) { search().run(n_steps, from, to); }

    // Best place of an order in a route of the plan that is worked on: price, pickup, delivery, option.
    std::optional<std::tuple<Price, std::int32_t, std::int32_t, std::int32_t>> spot(std::int32_t order, std::int32_t courier) const {
        const Spot best = plan_.best(order, courier);
        if (!best.found()) return std::nullopt;
        return std::tuple(best.price, best.pickup, best.delivery, std::max(0, best.option));
    }

    Price price() const { return plan_.price(); }

    void close() {
        if (!search_) return;
        search_.reset();
        plan_.back();
    }

    const Search& search() const { return const_cast<Kernel*>(this)->search(); }
    Search& search() {
        if (!search_) throw std::logic_error("nothing has been asked");
        return *search_;
    }

    const Plan& plan() const { return plan_; }
    const World& world() const { return world_; }

private:
    // Let something happen; the orders that had a courier before and have none now, in rising order.
    template <class Act>
    std::vector<std::int32_t> lost_by(Act act) {
        close();
        std::vector<std::int32_t> before = plan_.unserved().all();
        act();
        std::vector<std::int32_t> after = plan_.unserved().all(), lost;
        std::sort(before.begin(), before.end());
        std::sort(after.begin(), after.end());
        std::set_difference(after.begin(), after.end(), before.begin(), before.end(), std::back_inserter(lost));
        return lost;
    }

    void set_place(std::int32_t place, const std::int32_t* time_out, const std::int32_t* time_in,
                   const std::int32_t* price_out, const std::int32_t* price_in) {
        std::ptrdiff_t from = 0;
        for (Travel& travel : world_.ways) {
            travel.set_place(place, time_out + from, time_in + from, price_out + from, price_in + from);
            from += travel.n_places();
        }
    }

    bool is_allowed() const {
        for (std::int32_t k = 0; k < world_.n_orders(); ++k)
            if (plan_.courier_of(k) != kNone && !world_.may_carry(plan_.order(k), plan_.courier_of(k))) return false;
        return true;
    }

    World world_;
    Plan plan_;
    Neighbours near_;
    std::optional<Search> search_;
};

}  // namespace recourse
