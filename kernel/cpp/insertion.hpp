// This file knows the best place for one visit or two in a route, without touching the route.
//
// Checks after Savelsbergh 1985 (10.1007/BF02022044) and Vidal et al. 2014 (10.1287/trsc.2013.0481).
#pragma once

#include <algorithm>
#include <vector>

#include "route.hpp"

namespace recourse {

// Where an order goes: its pickup right after rank `pickup` of the route as it is, its delivery
// right after rank `delivery`; both the same means one after the other.
struct Spot {
    Price price = kNever;
    std::int32_t pickup = kNone;
    std::int32_t delivery = kNone;
    std::int32_t option = kNone;  // of the order; none for the one in use

    bool found() const { return delivery != kNone; }
};

// Looks everywhere.
struct Unblinking {
    bool blinks() { return false; }
};

// Overlooks one place in a hundred, now and then, so that a greedy rebuild does not always end in
// the same place (Christiaens and Vanden Berghe 2020).
class Blinking {
public:
    explicit Blinking(Dice& dice) : dice_(dice) { rest(); }

    bool blinks() {
        if (--left_ > 0) return false;
        rest();
        return true;
    }

private:
    // Places until the next one overlooked: even between 1 and 199, so 100 on average.
    void rest() { left_ = 1 + dice_.below(199); }

    Dice& dice_;
    std::int32_t left_ = 0;
};

// What the stops from `rank` on cost more if service at that rank starts at `start`.
inline Price later_price(const World& world, const Route& route, std::int32_t rank, Seconds start) {
    Price more = 0;
    for (std::int32_t k = rank; k <= route.size(); ++k) {
        const Stop& stop = route.at(k);
        if (start <= stop.calm || start == stop.start) return more;
        const Visit& visit = world.visits[static_cast<std::size_t>(stop.visit)];
        more += world.late_price(visit, start) - world.late_price(visit, stop.start);
        const Stop& next = route.at(k + 1);
        start = start + visit.service + next.leg_s;
        if (k < route.size())
            start = std::max(start, world.visits[static_cast<std::size_t>(next.visit)].earliest);
    }
    return more;
}

// The same, and what the day costs more for being longer, if the stop at `rank` is reached at
// `pushed`.
inline Price pushed_price(const World& world, const Route& route, std::int32_t rank, Seconds pushed) {
    const bool is_end = rank > route.size();
    const Seconds start = is_end ? pushed : std::max(pushed, route.at(rank).earliest);
    Price more = is_end || !world.has_due ? 0 : later_price(world, route, rank, start);
    if (route.second_price > 0) more += route.seconds_price(rank, start);
    return more;
}

// One visit seen from one route: the ways to and from it, and its window.
class Newcomer {
public:
    Newcomer(const World& world, const Route& route, std::int32_t which)
        : visit(world.visits[static_cast<std::size_t>(which)]),
          number(which),
          times_(world.travel(route.profile).times(visit.place)),
          prices_(world.travel(route.profile).prices(visit.place)) {}

    Seconds time_from(const Stop& stop) const { return times(stop).in; }
    Seconds time_to(const Stop& stop) const { return times(stop).out; }
    Price price_from(const Stop& stop) const { return prices(stop).in; }
    Price price_to(const Stop& stop) const { return prices(stop).out; }

    // What the legs cost more if the visit goes between two stops.
    Price detour(const Stop& before, const Stop& after) const {
        return price_from(before) + price_to(after) - after.leg_price;
    }

    const Way& times(const Stop& stop) const { return times_[stop.place]; }
    const Way& prices(const Stop& stop) const { return prices_[stop.place]; }

    const Visit& visit;
    const std::int32_t number;

private:
    const Way* times_;
    const Way* prices_;
};

// What it costs to be told another next stop, for a visit that would come first.
inline Price first_stop_price(const Courier& who, const Route& route, std::int32_t visit) {
    const std::int32_t first = route.empty() ? kNone : route.at(1).visit;
    return Route::change_of_next(who, visit) - Route::change_of_next(who, first);
}

// First rank after which the visit can be served before the next stop has to begin. Latest starts
// only grow along a route, so it is halved; by sums instead of branches nobody could foretell.
inline std::int32_t first_rank(const Route& route, const Visit& visit) {
    const Seconds done = visit.earliest + visit.service;
    const Stop* const stops = route.stops.data();
    std::int32_t passed = 0;
    for (std::int32_t left = route.size(); left > 0;) {
        const std::int32_t half = (left + 1) / 2;
        passed += static_cast<std::int32_t>(stops[passed + half].latest < done) * half;
        left -= half;
    }
    return passed;
}

// Best place for an order of one visit; only places cheaper than `bound` count. O(stops), and O(1)
// for each place unless somebody downstream would be dearer for being later.
template <class Eyes>
Spot best_single(const World& world, const Route& route, const Newcomer& one, Price bound, Eyes& eyes) {
    const Courier& who = world.couriers[static_cast<std::size_t>(route.courier)];
    const Visit& visit = one.visit;
    const std::int32_t n = route.size();
    // What is on board at the end counts at every rank: no room beside it is no room anywhere.
    if (!has_room(route.peak_from(n), visit.demand, who.capacity)) return {};
    Spot best{bound, kNone, kNone, kNone};
    std::int32_t k = first_rank(route, visit);
    const Stop* before = route.stops.data() + k;
    Seconds time_in = one.time_from(*before);
    Price price_in = one.price_from(*before);
    for (; k <= n; ++k, ++before) {
        if (before->depart > visit.latest) break;
        const Stop& after = before[1];
        const Way times = one.times(after), prices = one.prices(after);
        const Seconds start = std::max(before->depart + time_in, visit.earliest);
        Price price = price_in + prices.out - after.leg_price;
        time_in = times.in;
        price_in = prices.in;
        if (k == 0) price += first_stop_price(who, route, one.number);
        if (price >= best.price) continue;
        const Seconds pushed = start + visit.service + times.out;
        if (start > visit.latest || pushed > after.latest) continue;
        if (!has_room(route.peak_from(k), visit.demand, who.capacity)) continue;
        if (world.has_due || route.second_price > 0) {
            price += world.late_price(visit, start) + pushed_price(world, route, k + 1, pushed);
            if (price >= best.price) continue;
        }
        if (eyes.blinks()) continue;
        best = {price, kNone, k, kNone};
    }
    return best.found() ? best : Spot{};
}

// Best places for a parcel that is collected and delivered by the same courier.
class PairSearch {
public:
    PairSearch(const World& world, const Route& route, const Option& option)
        : world_(world),
          route_(route),
          who_(world.couriers[static_cast<std::size_t>(route.courier)]),
          pickup_(world, route, option.pickup),
          delivery_(world, route, option.delivery) {}

    template <class Eyes>
    Spot best(Price bound, Eyes& eyes) {
        Spot best{bound, kNone, kNone, kNone};
        const std::int32_t n = route_.size();
        for (std::int32_t i = first_rank(route_, pickup_.visit); i <= n; ++i) {
            const Stop& before = route_.at(i);
            if (before.depart > pickup_.visit.latest) break;
            const Seconds start =
                std::max(before.depart + pickup_.time_from(before), pickup_.visit.earliest);
            if (start > pickup_.visit.latest) continue;
            if (!has_room(route_.load_after(i), pickup_.visit.demand, who_.capacity)) continue;
            deliver_after(i, start, best, eyes);
        }
        return best.found() ? best : Spot{};
    }

private:
    // Walk on from a pickup after rank i with the parcel on board, trying to deliver after each stop.
    template <class Eyes>
    void deliver_after(std::int32_t i, Seconds start, Spot& best, Eyes& eyes) {
        const Price first = i == 0 ? first_stop_price(who_, route_, pickup_.number) : 0;
        Seconds leaves = start + pickup_.visit.service;
        Price late = world_.has_due ? world_.late_price(pickup_.visit, start) : 0;
        try_delivery(i, i, leaves, joint_detour(i) + first + late, best, eyes);
        const Price detour = pickup_.detour(route_.at(i), route_.at(i + 1)) + first;
        for (std::int32_t j = i + 1; j <= route_.size(); ++j) {
            const Stop& stop = route_.at(j);
            const Visit& visit = world_.visits[static_cast<std::size_t>(stop.visit)];
            const Seconds leg = j == i + 1 ? pickup_.time_to(stop) : stop.leg_s;
            const Seconds pushed = std::max(leaves + leg, visit.earliest);
            if (pushed > stop.latest) return;
            if (!has_room(route_.load_after(j), pickup_.visit.demand, who_.capacity)) return;
            if (world_.has_due)
                late += world_.late_price(visit, pushed) - world_.late_price(visit, stop.start);
            leaves = pushed + visit.service;
            if (leaves > delivery_.visit.latest) return;
            const Price legs = detour + delivery_.detour(stop, route_.at(j + 1));
            try_delivery(i, j, leaves, legs + late, best, eyes);
        }
    }

    template <class Eyes>
    void try_delivery(std::int32_t i, std::int32_t j, Seconds leaves, Price price, Spot& best, Eyes& eyes) {
        if (price >= best.price) return;
        const Visit& visit = delivery_.visit;
        const Stop& after = route_.at(j + 1);
        const Seconds way = i == j ? between() : delivery_.time_from(route_.at(j));
        const Seconds start = std::max(leaves + way, visit.earliest);
        if (start > visit.latest) return;
        const Seconds pushed = start + visit.service + delivery_.time_to(after);
        if (pushed > after.latest) return;
        if (world_.has_due || route_.second_price > 0) {
            price += world_.late_price(visit, start) + pushed_price(world_, route_, j + 1, pushed);
            if (price >= best.price) return;
        }
        if (eyes.blinks()) return;
        best = {price, i, j, kNone};
    }

    Seconds between() const {
        return world_.travel(route_.profile).times(pickup_.visit.place)[delivery_.visit.place].out;
    }

    // Legs of pickup and delivery one right after the other, after rank i.
    Price joint_detour(std::int32_t i) const {
        const Travel& travel = world_.travel(route_.profile);
        const Price way = travel.prices(pickup_.visit.place)[delivery_.visit.place].out;
        return pickup_.price_from(route_.at(i)) + way + delivery_.price_to(route_.at(i + 1)) -
               route_.at(i + 1).leg_price;
    }

    const World& world_;
    const Route& route_;
    const Courier& who_;
    Newcomer pickup_;
    Newcomer delivery_;
};

}  // namespace recourse
