// This file knows what happens to a world that lives on: each event costs the routes it touches.
#pragma once

#include <vector>

#include "plan.hpp"

namespace recourse {

// What the plan says now is what everybody is told; changing it has its price from here on.
inline void tell(World& world, Plan& plan) {
    for (std::int32_t k = 0; k < world.n_orders(); ++k)
        world.orders[static_cast<std::size_t>(k)].told_courier = plan.courier_of(k);
    for (std::int32_t c = 0; c < world.n_couriers(); ++c) {
        const Route& route = plan.route(c);
        world.couriers[static_cast<std::size_t>(c)].told_next = route.empty() ? kNone : route.at(1).visit;
        plan.refresh(c);
    }
    plan.settle();
}

// A courier drops out: what they had not begun has no courier any more.
inline void drop_courier(World& world, Plan& plan, std::int32_t courier) {
    std::vector<std::int32_t> orphans;
    for (const Stop& stop : plan.route(courier).stops) {
        if (stop.visit == kNone) continue;
        const std::int32_t number = plan.visit(stop.visit).order;
        Order& order = world.orders[static_cast<std::size_t>(number)];
        order.told_courier = kNone;
        if (order.delivery == stop.visit) orphans.push_back(number);
    }
    Courier& who = world.couriers[static_cast<std::size_t>(courier)];
    who.on_duty = false;
    who.told_next = kNone;
    plan.remove(courier, orphans);
    plan.settle();
}

}  // namespace recourse
