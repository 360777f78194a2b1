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
        plan.order_changed(number);
        if (order.delivery == stop.visit) orphans.push_back(number);
    }
    Courier& who = world.couriers[static_cast<std::size_t>(courier)];
    who.on_duty = false;
    who.told_next = kNone;
    plan.remove(courier, orphans);
    plan.settle();
}

// A route can no longer be driven as it was: whoever comes too late for it has no courier any more,
// the first of them first.
inline void shed(Plan& plan, std::int32_t courier) {
    plan.refresh(courier);
    while (!plan.route(courier).sound) {
        const Route& route = plan.route(courier);
        std::int32_t rank = 1;
        while (rank < route.size() && route.at(rank).start <= route.at(rank).last) ++rank;
        plan.remove(courier, {plan.visit(route.at(rank).visit).order});
    }
    plan.settle();
}

// A courier's next committed point is another, or is left at another time.
inline void move_courier(World& world, Plan& plan, std::int32_t courier, std::int32_t place, Seconds at) {
    Courier& who = world.couriers[static_cast<std::size_t>(courier)];
    who.start_place = place;
    who.start = at;
    shed(plan, courier);
}

// The break a courier owes is another: taken, so that the next is owed later, or put off.
inline void change_break(World& world, Plan& plan, std::int32_t courier, Seconds length, Seconds by) {
    Courier& who = world.couriers[static_cast<std::size_t>(courier)];
    who.break_length = length;
    who.break_by = by;
    world.note_prices();
    shed(plan, courier);
}

// Service at the next stop has begun and cannot be taken back: the courier is seen from its end on.
inline void start_stop(World& world, Plan& plan, std::int32_t courier, Seconds at) {
    if (plan.route(courier).empty()) return;
    const std::int32_t number = plan.route(courier).at(1).visit;
    const Visit& visit = plan.visit(number);
    Order& order = world.orders[static_cast<std::size_t>(visit.order)];
    Courier& who = world.couriers[static_cast<std::size_t>(courier)];
    plan.order_changed(visit.order);
    plan.begin(courier);
    if (order.delivery == number) {
        order.open = false;
    } else {
        order.pickup = kNone;
        order.only_courier = courier;
        order.options.clear();
        world.visits[static_cast<std::size_t>(order.delivery)].pickup = kNone;
    }
    who.load = who.load + visit.demand;
    who.told_next = plan.route(courier).empty() ? kNone : plan.route(courier).at(1).visit;
    move_courier(world, plan, courier, visit.place, std::max(at, visit.earliest) + visit.service);
}

// An order is canceled: nobody carries it, and it has no price any more. Who would have been rid of
// its parcel keeps it on board, and may have to leave something else.
inline void take_order_out(World& world, Plan& plan, std::int32_t number) {
    const std::int32_t courier = plan.courier_of(number);
    plan.forget(number);
    world.orders[static_cast<std::size_t>(number)].open = false;
    if (courier != kNone) shed(plan, courier);
    else plan.settle();
}

}  // namespace recourse
