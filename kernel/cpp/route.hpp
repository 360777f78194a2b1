// This file knows one route: its stops, and what a forward and a backward pass know about each.
#pragma once

#include <algorithm>
#include <vector>

#include "stop.hpp"
#include "world.hpp"

namespace recourse {

class Route {
public:
    std::vector<Stop> stops;
    std::vector<Load> on_board;  // after each stop (forward)
    std::vector<Load> peak;      // highest from each stop to the end (backward)
    Price price = 0;
    std::uint64_t version = 0;  // no two different routes of a world ever share one
    std::int32_t courier = kNone;
    std::int32_t profile = 0;
    Price second_price = 0;
    std::vector<Tail> tails;  // where time costs (backward)
    bool owes_break = false;
    bool is_timed = false;    // ways take longer at some times of the day
    bool is_doubted = false;  // uncertain times have their price
    bool is_labeled = false;  // one of the three: places are judged by labels, priced by the whole day
    std::int32_t rests_after = kNone;  // where the break is
    std::vector<Rest> rests;  // where a place is not judged by running sums alone
    bool sound = true;  // no hard rule is broken

    const Tail& tail(std::int32_t rank) const { return tails[static_cast<std::size_t>(rank)]; }

    // What it costs that service at a rank starts at another time, for the day's end alone; for a
    // day that begins with this, for all of it.
    Price seconds_price(std::int32_t rank, Seconds start) const {
        return second_price * (static_cast<Price>(tail(rank).end(start)) - stops.back().start);
    }

    std::int32_t size() const { return static_cast<std::int32_t>(stops.size()) - 2; }
    bool empty() const { return stops.size() == 2; }
    Stop& at(std::int32_t rank) { return stops[static_cast<std::size_t>(rank)]; }
    const Stop& at(std::int32_t rank) const { return stops[static_cast<std::size_t>(rank)]; }
    const Rest& rest_at(std::int32_t rank) const { return rests[static_cast<std::size_t>(rank)]; }
    const Load& load_after(std::int32_t rank) const {
        return on_board[static_cast<std::size_t>(rank)];
    }
    const Load& peak_from(std::int32_t rank) const { return peak[static_cast<std::size_t>(rank)]; }

    // Whether the courier would be told another next stop than the one they were told.
    static Price change_of_next(const Courier& who, std::int32_t first_visit) {
        return who.told_next != kNone && who.told_next != first_visit ? who.next_price : 0;
    }

    void open(const World& world, std::int32_t number) {
        courier = number;
        stops.assign(2, Stop{});
        set_ends(world);
        recompute(world);
    }

    // Facts about the courier have changed.
    void set_ends(const World& world) {
        const Courier& who = world.couriers[static_cast<std::size_t>(courier)];
        profile = who.profile;
        second_price = who.second_price;
        owes_break = who.break_length > 0;
        is_timed = world.is_timed(profile);
        is_doubted = world.has_doubts();
        is_labeled = owes_break || is_timed || is_doubted;
        Stop& first = stops.front();
        first.place = who.start_place;
        first.start = first.depart = who.start;
        stops.back().place = who.end_place;
        stops.back().latest = stops.back().calm = stops.back().last = who.end;
        link(world, 1);
        link(world, size() + 1);
    }

    // Rank of a visit; the route must have it.
    std::int32_t rank_of(std::int32_t visit) const {
        std::int32_t rank = 1;
        while (at(rank).visit != visit) ++rank;
        return rank;
    }

    // Put a visit between rank `after` and the one that followed it. The passes are not redone.
    void put(const World& world, std::int32_t after, std::int32_t number) {
        const Visit& visit = world.visits[static_cast<std::size_t>(number)];
        Stop stop;
        stop.visit = number;
        stop.place = visit.place;
        stop.earliest = visit.earliest;
        stop.last = visit.latest;
        stop.service = visit.service;
        stops.insert(stops.begin() + after + 1, stop);
        link(world, after + 1);
        link(world, after + 2);
    }

    // Look up every way again.
    void relink(const World& world) {
        for (std::int32_t k = 1; k <= size() + 1; ++k) link(world, k);
    }

    // Take out every visit that `gone` names. The passes are not redone.
    template <class Gone>
    void take_out(const World& world, Gone gone) {
        std::int32_t kept = 1;
        bool is_broken = false;
        for (std::int32_t k = 1; k <= size() + 1; ++k) {
            if (k <= size() && gone(at(k).visit)) {
                is_broken = true;
                continue;
            }
            if (kept != k) at(kept) = at(k);
            if (is_broken) link(world, kept);
            is_broken = false;
            ++kept;
        }
        stops.resize(static_cast<std::size_t>(kept));
        if (empty()) link(world, 1);
    }

    // The stops after two ranks change routes; each keeps its own end. The passes are not redone.
    static void swap_tails(const World& world, Route& a, std::int32_t after_a, Route& b, std::int32_t after_b) {
        const std::vector<Stop> tail_a(a.stops.begin() + after_a + 1, a.stops.end() - 1);
        const std::vector<Stop> tail_b(b.stops.begin() + after_b + 1, b.stops.end() - 1);
        a.change_tail(world, after_a, tail_b);
        b.change_tail(world, after_b, tail_a);
    }

    // Both passes from scratch: O(stops), no shortcut that could hide a mistake.
    void recompute(const World& world) {
        sound = true;
        price = 0;
        if (owes_break && !empty()) rest(world);
        else if (is_timed) forward<true>(world);
        else forward<false>(world);
        if (is_timed) backward<true>(world);
        else backward<false>(world);
        if (is_labeled) label(world);
        if (is_doubted) price += doubt(world, owes_break ? rests_after : kNone);
        if (second_price > 0) time_tails();
        weigh(world);
    }

private:
    void change_tail(const World& world, std::int32_t after, const std::vector<Stop>& tail) {
        stops.erase(stops.begin() + after + 1, stops.end() - 1);
        stops.insert(stops.end() - 1, tail.begin(), tail.end());
        link(world, after + 1);
        link(world, size() + 1);
    }

    // Look up the way from the stop before. An empty route has no way to go.
    void link(const World& world, std::int32_t rank) {
        Stop& stop = at(rank);
        if (empty()) {
            stop.leg_s = stop.leg_price = 0;
            return;
        }
        const std::int32_t from = at(rank - 1).place;
        const Travel& travel = world.travel(profile);
        stop.leg_s = travel.times(from)[stop.place].out;
        stop.leg_price = travel.prices(from)[stop.place].out;
    }

    // When a stop is reached by whoever leaves the one before.
    template <bool kTimed>
    Seconds reached(const World& world, Seconds leaves, const Stop& stop) const {
        if constexpr (kTimed) return world.clock(profile).arrive(leaves, stop.leg_s);
        else return leaves + stop.leg_s;
    }

    template <bool kTimed>
    void forward(const World& world) {
        const Courier& who = world.couriers[static_cast<std::size_t>(courier)];
        Stop* stop = stops.data() + 1;
        Stop* const end = stops.data() + stops.size() - 1;
        Seconds leaves = who.start;
        for (; stop != end; ++stop) {
            stop->start = std::max(reached<kTimed>(world, leaves, *stop), stop->earliest);
            stop->depart = leaves = stop->start + stop->service;
            sound &= stop->start <= stop->last;
            price += stop->leg_price;
        }
        end->start = end->depart = reached<kTimed>(world, leaves, *end);
        sound &= empty() || end->start <= who.end;
        price += end->leg_price + change_of_next(who, empty() ? kNone : at(1).visit);
    }

    // A day with the break after the stop at a rank; rank 0 is before the first, and one past the
    // last stop is no break at all.
    struct Day {
        bool allowed = true;
        bool sound = true;
        Price price = 0;
    };

    Day day(const World& world, std::int32_t break_after) const {
        const Courier& who = world.couriers[static_cast<std::size_t>(courier)];
        const Clock& clock = world.clock(profile);
        Day found;
        Seconds leaves = who.start;
        for (std::int32_t k = 0; k <= size(); ++k) {
            if (k > 0) {
                const Stop& stop = at(k);
                const Seconds start = std::max(clock.arrive(leaves, stop.leg_s), stop.earliest);
                found.sound &= start <= stop.last;
                found.price += world.late_price(world.visits[static_cast<std::size_t>(stop.visit)], start);
                leaves = start + stop.service;
            }
            if (k != break_after) continue;
            found.allowed = k == 0 || leaves <= who.break_by;
            leaves += who.break_length;
        }
        const Seconds ends = clock.arrive(leaves, stops.back().leg_s);
        if (break_after > size()) found.allowed = ends <= who.break_by;
        found.sound &= ends <= who.end;
        found.price += second_price * ends;
        if (is_doubted) found.price += doubt(world, break_after);
        return found;
    }

    // What uncertain times cost, with the break after a stop; ways and stops that take longer are the
    // less certain, and a break is as long as it is.
    [[gnu::noinline]] Price doubt(const World& world, std::int32_t break_after) const {
        const Courier& who = world.couriers[static_cast<std::size_t>(courier)];
        const Clock& clock = world.clock(profile);
        const Dispersion& doubts = world.doubts[static_cast<std::size_t>(profile)];
        Seconds leaves = who.start;
        Spread spread(leaves);
        Price sum = 0;
        for (std::int32_t k = 0; k <= size(); ++k) {
            if (k > 0) {
                const Stop& stop = at(k);
                const Seconds arrives = clock.arrive(leaves, stop.leg_s);
                spread.pass(arrives - leaves, doubts.driving);
                spread.wait(stop.earliest);
                const Seconds start = std::max(arrives, stop.earliest);
                sum += world.doubt_price(world.visits[static_cast<std::size_t>(stop.visit)], start, spread);
                spread.pass(stop.service, doubts.serving);
                leaves = start + stop.service;
            }
            if (k != break_after) continue;
            spread.pass(who.break_length, 0);
            leaves += who.break_length;
        }
        return sum;
    }

    // The forward pass where a break is owed: it is taken where the day costs least, of equals as
    // late as may be; a break that is overdue is taken at once.
    [[gnu::noinline]] void rest(const World& world) {
        std::int32_t chosen = kNone, latest = kNone;
        Price best = kNever;
        for (std::int32_t k = size() + 1; k >= 0; --k) {
            const Day found = day(world, k);
            if (!found.allowed) continue;
            if (latest == kNone) latest = k;
            if (!found.sound || found.price >= best) continue;
            best = found.price;
            chosen = k;
            if (!world.has_due && second_price == 0) break;
        }
        sound = chosen != kNone;
        take_break(world, sound ? chosen : latest);
    }

    void take_break(const World& world, std::int32_t after) {
        const Courier& who = world.couriers[static_cast<std::size_t>(courier)];
        const Clock& clock = world.clock(profile);
        rests_after = after;
        Seconds leaves = who.start + (after == 0 ? who.break_length : 0);
        for (std::int32_t k = 1; k <= size(); ++k) {
            Stop& stop = at(k);
            stop.start = std::max(clock.arrive(leaves, stop.leg_s), stop.earliest);
            stop.depart = leaves = stop.start + stop.service;
            if (k == after) leaves += who.break_length;
            price += stop.leg_price;
        }
        Stop& end = stops.back();
        end.start = end.depart = clock.arrive(leaves, end.leg_s);
        price += end.leg_price + change_of_next(who, at(1).visit);
    }

    // Who owes no break has rested from the start on: the two labels are then one.
    [[gnu::noinline]] void label(const World& world) {
        const Courier& who = world.couriers[static_cast<std::size_t>(courier)];
        const Clock& clock = world.clock(profile);
        rests.assign(stops.size(), Rest{});
        rests.front() = {owes_break ? who.start : Rest::kNot, who.start + who.break_length, 0};
        for (std::int32_t k = 1; k <= size(); ++k) {
            const Stop& stop = at(k);
            rests[static_cast<std::size_t>(k)] = rests[static_cast<std::size_t>(k - 1)].on(
                clock, stop.leg_s, who, stop.earliest, stop.last, stop.service);
        }
        if (!owes_break) return;
        rests.back().latest = std::min(who.end, who.break_by);
        for (std::int32_t k = size(); k > 0; --k) {
            const Stop &stop = at(k), &next = at(k + 1);
            const Seconds later = clock.leave_by(rests[static_cast<std::size_t>(k + 1)].latest, next.leg_s);
            const Seconds here = std::min(who.break_by, clock.leave_by(next.latest, next.leg_s) - who.break_length);
            const Seconds latest = std::min(stop.last, std::max(later, here) - stop.service);
            // Who may not start later than the door opens cannot start without having rested.
            rests[static_cast<std::size_t>(k)].latest = latest < stop.earliest ? -Rest::kNot : latest;
        }
    }

    template <bool kTimed>
    void backward(const World& world) {
        const bool has_moves = world.counts_moves(), is_plain = !world.has_prices && !has_moves;
        for (std::int32_t k = size(); k > 0; --k) {
            Stop& stop = at(k);
            const Stop& next = at(k + 1);
            if constexpr (kTimed) {
                const Clock& clock = world.clock(profile);
                stop.latest = std::min(stop.last, clock.leave_by(next.latest, next.leg_s) - stop.service);
                stop.calm = std::min(stop.last, clock.leave_by(next.calm, next.leg_s) - stop.service);
            } else {
                const Seconds until_next = stop.service + next.leg_s;
                stop.latest = std::min(stop.last, next.latest - until_next);
                stop.calm = std::min(stop.last, next.calm - until_next);
            }
            if (is_plain) continue;
            const Visit& visit = world.visits[static_cast<std::size_t>(stop.visit)];
            if (visit.late_price > 0) stop.calm = std::min(stop.calm, std::max(visit.due, stop.start));
            price += world.late_price(visit, stop.start);
            if (has_moves && visit.delivers)
                price += world.move_price(world.orders[static_cast<std::size_t>(visit.order)], courier);
            price += visit.price;
        }
    }

    // An empty day takes no time.
    void time_tails() {
        constexpr Seconds kLongAgo = std::numeric_limits<Seconds>::min() / 2;
        tails.resize(stops.size());
        tails.back() = {0, kLongAgo};
        for (std::int32_t k = size(); k > 0; --k) {
            const Stop& next = at(k + 1);
            const Tail& later = tail(k + 1);
            const bool is_last = k == size();
            tails[static_cast<std::size_t>(k)] = {at(k).service + next.leg_s + later.work,
                                                  is_last ? kLongAgo : later.end(next.earliest)};
        }
        price += second_price * (static_cast<Price>(stops.back().start) - stops.front().start);
    }

    void weigh(const World& world) {
        const Courier& who = world.couriers[static_cast<std::size_t>(courier)];
        const std::size_t n = stops.size();
        on_board.resize(n);
        peak.resize(n);
        on_board[0] = who.load;
        for (std::size_t k = 1; k + 1 < n; ++k) {
            const Load& demand = world.visits[static_cast<std::size_t>(stops[k].visit)].demand;
            sound &= has_room(on_board[k - 1], demand, who.capacity);
            on_board[k] = on_board[k - 1] + demand;
        }
        on_board[n - 1] = peak[n - 1] = on_board[n - 2];
        for (std::size_t k = n - 1; k-- > 0;) peak[k] = highest(on_board[k], peak[k + 1]);
    }
};

}  // namespace recourse
