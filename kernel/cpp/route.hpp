// This file knows one route: its stops, and what a forward and a backward pass know about each.
#pragma once

#include <algorithm>
#include <vector>

#include "world.hpp"

namespace recourse {

// A row of the route. The first is where the courier starts and the last where the day ends, so
// every stop has a neighbour on both sides and no rule has a special case for the ends.
struct Stop {
    std::int32_t visit = kNone;
    std::int32_t place = 0;
    Seconds start = 0;   // earliest start of service (forward)
    Seconds depart = 0;  // earliest departure (forward)
    Seconds latest = 0;  // latest start that keeps everything after it in time (backward)
    Seconds calm = 0;    // latest start that makes nothing from here on dearer (backward)
    std::int32_t leg_s = 0;
    std::int32_t leg_price = 0;
};

class Route {
public:
    std::vector<Stop> stops;
    std::vector<Load> on_board;  // after each stop (forward)
    std::vector<Load> peak;      // highest from each stop to the end (backward)
    Price price = 0;
    std::int64_t version = 0;  // no two different routes of a world ever share one
    std::int32_t courier = kNone;
    bool sound = true;  // no hard rule is broken

    std::int32_t size() const { return static_cast<std::int32_t>(stops.size()) - 2; }
    bool empty() const { return stops.size() == 2; }
    Stop& at(std::int32_t rank) { return stops[static_cast<std::size_t>(rank)]; }
    const Stop& at(std::int32_t rank) const { return stops[static_cast<std::size_t>(rank)]; }
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
        recompute(world);
    }

    // Rank of a visit; the route must have it.
    std::int32_t rank_of(std::int32_t visit) const {
        std::int32_t rank = 1;
        while (at(rank).visit != visit) ++rank;
        return rank;
    }

    // Put a visit between rank `after` and the one that followed it. The passes are not redone.
    void put(const World& world, std::int32_t after, std::int32_t visit) {
        Stop stop;
        stop.visit = visit;
        stop.place = world.visits[static_cast<std::size_t>(visit)].place;
        stops.insert(stops.begin() + after + 1, stop);
    }

    // Both passes from scratch: O(stops), no shortcut that could hide a mistake.
    void recompute(const World& world) {
        const std::size_t n = stops.size();
        on_board.resize(n);
        peak.resize(n);
        sound = true;
        price = 0;
        forward(world);
        backward(world);
    }

private:
    void forward(const World& world) {
        const Courier& who = world.couriers[static_cast<std::size_t>(courier)];
        Stop& first = stops.front();
        first = {kNone, who.start_place, who.start, who.start, 0, 0, 0, 0};
        stops.back() = {kNone, who.end_place, 0, 0, who.end, who.end, 0, 0};
        on_board[0] = who.load;
        const std::size_t last = stops.size() - 1;
        Seconds leaves = who.start;
        for (std::size_t k = 1; k < last; ++k) {
            Stop& stop = stops[k];
            const Visit& visit = world.visits[static_cast<std::size_t>(stop.visit)];
            arrive_from(world, stops[k - 1].place, stop);
            stop.start = std::max(leaves + stop.leg_s, visit.earliest);
            stop.depart = leaves = stop.start + visit.service;
            on_board[k] = on_board[k - 1] + visit.demand;
            sound &= stop.start <= visit.latest && has_room(on_board[k - 1], visit.demand, who.capacity);
            price += stop.leg_price;
            price_visit(world, visit, stop);
        }
        Stop& end = stops.back();
        if (last > 1) arrive_from(world, stops[last - 1].place, end);
        price += end.leg_price + change_of_next(who, last > 1 ? stops[1].visit : kNone);
        end.start = end.depart = leaves + end.leg_s;
        on_board[last] = on_board[last - 1];
        sound &= last == 1 || end.start <= who.end;
    }

    void price_visit(const World& world, const Visit& visit, const Stop& stop) {
        const Order& order = world.orders[static_cast<std::size_t>(visit.order)];
        if (order.delivery == stop.visit) price += world.move_price(order, courier);
        price += world.late_price(visit, stop.start);
    }

    void backward(const World& world) {
        const std::size_t last = stops.size() - 1;
        peak[last] = on_board[last];
        for (std::size_t k = last; k-- > 0;) {
            Stop& stop = stops[k];
            const Stop& next = stops[k + 1];
            peak[k] = highest(on_board[k], peak[k + 1]);
            if (k == 0) break;
            const Visit& visit = world.visits[static_cast<std::size_t>(stop.visit)];
            const Seconds before_next = next.leg_s + visit.service;
            stop.latest = std::min(visit.latest, next.latest - before_next);
            const Seconds free = visit.late_price > 0 ? std::max(visit.due, stop.start) : visit.latest;
            stop.calm = std::min({free, visit.latest, next.calm - before_next});
        }
    }

    static void arrive_from(const World& world, std::int32_t from, Stop& stop) {
        const auto to = static_cast<std::size_t>(stop.place);
        stop.leg_s = world.travel.times(from)[to].out;
        stop.leg_price = world.travel.prices(from)[to].out;
    }
};

}  // namespace recourse
