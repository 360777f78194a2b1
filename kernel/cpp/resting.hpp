// This file knows the best place for an order in the route of a courier who owes a break, or whose
// ways take longer at some times of the day, or whose uncertain times have their price.
//
// Whether a place can still be served in time is asked in O(1) from two labels at each stop: how
// early it is left before the break and after it. Only where time costs, and only where a place
// might be the best so far, is the whole day worked out.
#pragma once

#include "insertion.hpp"

namespace recourse {

class RestingSearch {
public:
    RestingSearch(const World& world, const Route& route, const Option& option)
        : world_(world),
          route_(route),
          who_(world.couriers[static_cast<std::size_t>(route.courier)]),
          clock_(world.clock(route.profile)),
          option_(option),
          delivery_(world, route, option.delivery),
          pickup_(world, route, option.pickup == kNone ? option.delivery : option.pickup) {}

    template <class Eyes>
    Spot best(Price bound, Eyes& eyes) {
        Spot best{bound, kNone, kNone, kNone};
        for (std::int32_t k = 0; k <= route_.size(); ++k) {
            if (option_.pickup == kNone) try_single(k, best, eyes);
            else collect(k, best, eyes);
        }
        return best.found() ? best : Spot{};
    }

private:
    Rest after(const Rest& from, Seconds way, const Visit& visit) const {
        return from.on(clock_, way, who_, visit.earliest, visit.latest, visit.service);
    }

    bool reaches(const Rest& from, Seconds way, std::int32_t rank) const {
        return from.reaches(clock_, way, route_.rest_at(rank), route_.at(rank).latest);
    }

    template <class Eyes>
    void try_single(std::int32_t k, Spot& best, Eyes& eyes) {
        const Stop &before = route_.at(k), &next = route_.at(k + 1);
        Price price = delivery_.detour(before, next);
        if (k == 0) price += first_stop_price(who_, route_, delivery_.number);
        if (price >= best.price) return;
        if (!has_room(route_.peak_from(k), delivery_.visit.demand, who_.capacity)) return;
        const Rest there = after(route_.rest_at(k), delivery_.time_from(before), delivery_.visit);
        if (!reaches(there, delivery_.time_to(next), k + 1)) return;
        offer({price, kNone, k, kNone}, best, eyes);
    }

    // Walk on from a pickup after rank i with the parcel on board.
    template <class Eyes>
    void collect(std::int32_t i, Spot& best, Eyes& eyes) {
        if (!has_room(route_.load_after(i), pickup_.visit.demand, who_.capacity)) return;
        const Stop &before = route_.at(i), &next = route_.at(i + 1);
        const Price first = i == 0 ? first_stop_price(who_, route_, pickup_.number) : 0;
        Rest now = after(route_.rest_at(i), pickup_.time_from(before), pickup_.visit);
        const Stop start = stop_of(pickup_);
        const Price joint = pickup_.price_from(before) + delivery_.price_from(start) +
                            delivery_.price_to(next) - next.leg_price + first;
        deliver(i, i, now, delivery_.time_from(start), joint, best, eyes);
        const Price detour = pickup_.detour(before, next) + first;
        for (std::int32_t j = i + 1; j <= route_.size(); ++j) {
            const Stop& stop = route_.at(j);
            const Seconds leg = j == i + 1 ? pickup_.time_to(stop) : stop.leg_s;
            if (!has_room(route_.load_after(j), pickup_.visit.demand, who_.capacity)) return;
            now = now.on(clock_, leg, who_, stop.earliest, stop.last, stop.service);
            if (now.open >= Rest::kNot && now.rested >= Rest::kNot) return;
            const Price legs = detour + delivery_.detour(stop, route_.at(j + 1));
            deliver(i, j, now, delivery_.time_from(stop), legs, best, eyes);
        }
    }

    template <class Eyes>
    void deliver(std::int32_t i, std::int32_t j, const Rest& from, Seconds way, Price price, Spot& best, Eyes& eyes) {
        if (price >= best.price) return;
        const Rest there = after(from, way, delivery_.visit);
        if (!reaches(there, delivery_.time_to(route_.at(j + 1)), j + 1)) return;
        offer({price, i, j, kNone}, best, eyes);
    }

    // A place that is sound; where time costs, its price is that of the whole day.
    template <class Eyes>
    void offer(Spot spot, Spot& best, Eyes& eyes) {
        if (world_.has_due || route_.second_price > 0) spot.price = whole_price(spot);
        if (spot.price >= best.price || eyes.blinks()) return;
        best = spot;
    }

    // What the caller adds for the stops and for moving the order is left out.
    Price whole_price(const Spot& spot) const {
        static thread_local Route longer;  // keeps its room from place to place
        longer = route_;
        longer.put(world_, spot.delivery, delivery_.number);
        if (spot.pickup != kNone) longer.put(world_, spot.pickup, pickup_.number);
        longer.recompute(world_);
        const Order& order = world_.orders[static_cast<std::size_t>(delivery_.visit.order)];
        Price own = delivery_.visit.price + world_.counted_move(order, route_.courier);
        if (spot.pickup != kNone) own += pickup_.visit.price;
        return longer.price - route_.price - own;
    }

    static Stop stop_of(const Newcomer& one) {
        Stop stop;
        stop.place = one.visit.place;
        return stop;
    }

    const World& world_;
    const Route& route_;
    const Courier& who_;
    const Clock& clock_;
    const Option option_;
    Newcomer delivery_;
    Newcomer pickup_;
};

// Kept out of line: it would only crowd whoever has no use for it.
template <class Eyes>
[[gnu::noinline]] Spot best_labeled(const World& world, const Route& route, const Option& option, Price bound, Eyes& eyes) {
    return RestingSearch(world, route, option).best(bound, eyes);
}

}  // namespace recourse
