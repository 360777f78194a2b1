// This file knows the best place for an order in a route, whichever way it is served.
#pragma once

#include "insertion.hpp"
#include "resting.hpp"

namespace recourse {

// Best place for an order served in one way; the price includes what the stops themselves cost.
template <class Eyes>
Spot best_of_option(const World& world, const Route& route, const Option& option, Price bound, Eyes& eyes) {
    Price stops = world.visits[static_cast<std::size_t>(option.delivery)].price;
    if (option.pickup != kNone) stops += world.visits[static_cast<std::size_t>(option.pickup)].price;
    const Price limit = bound - stops;
    Spot spot = route.is_labeled ? best_labeled(world, route, option, limit, eyes)
                : option.pickup == kNone
                    ? best_single(world, route, Newcomer(world, route, option.delivery), limit, eyes)
                    : PairSearch(world, route, option).best(limit, eyes);
    if (spot.found()) spot.price += stops;
    return spot;
}

// Best place for an order in a route, in whatever way; the price includes what it costs to move a
// told order. If a place is given, only ways that begin there count, of an order that has several.
template <class Eyes>
Spot best_spot(const World& world, const Route& route, const Order& order, Price bound, Eyes& eyes,
               std::int32_t from_place = kNone) {
    if (!world.may_carry(order, route.courier)) return {};
    const Price move = world.counted_move(order, route.courier);
    Spot best;
    if (order.options.empty()) {
        best = best_of_option(world, route, {order.pickup, order.delivery}, bound - move, eyes);
    } else {
        Price limit = bound - move;
        for (std::size_t k = 0; k < order.options.size(); ++k) {
            if (from_place != kNone && world.first_place(order.options[k]) != from_place) continue;
            Spot spot = best_of_option(world, route, order.options[k], limit, eyes);
            if (!spot.found()) continue;
            spot.option = static_cast<std::int32_t>(k);
            best = spot;
            limit = spot.price;
        }
    }
    if (best.found()) best.price += move;
    return best;
}

}  // namespace recourse
