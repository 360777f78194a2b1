// This file knows small exact moves between routes: hand one visit over, swap two, swap two tails.
//
// Moves after Nagata, Braysy and Dullaert 2010 (10.1016/j.cor.2009.06.022); every one is judged in
// O(1) from the passes of the two routes, and only visits that are near each other are tried.
#pragma once

#include <vector>

#include "neighbours.hpp"
#include "params.hpp"
#include "plan.hpp"

namespace recourse {

class Polish {
public:
    Polish(Plan& plan, const Neighbours& near, const Params& params)
        : plan_(plan), near_(near), params_(params), waiting_(plan.world().n_orders()),
          asked_(plan.world().n_couriers()) {}

    // Better the places of some orders and of their neighbours, until no move helps.
    void run(const std::vector<std::int32_t>& orders) {
        waiting_.clear();
        for (const std::int32_t k : orders) await_around(k);
        work(kMost);
    }

    // Better every route.
    void run_all() {
        waiting_.clear();
        for (const Route& route : plan_.routes()) await(route.courier);
        work(2 * waiting_.size());
    }

private:
    static constexpr std::int32_t kMost = 400;  // orders looked at in one run

    void work(std::int32_t most) {
        for (std::int32_t left = most; left > 0 && !waiting_.empty(); --left) {
            const std::int32_t order = waiting_.all().back();
            waiting_.drop(order);
            if (plan_.courier_of(order) == kNone) continue;
            if (is_free(order)) better(order);
            else reinsert(order);
        }
    }

    struct Site {
        std::int32_t courier;
        std::int32_t rank;
        const Route* route;
        const Stop& stop() const { return route->at(rank); }
        const Stop& before() const { return route->at(rank - 1); }
        const Stop& after() const { return route->at(rank + 1); }
    };

    // Orders of one visit can be moved about in O(1).
    bool is_free(std::int32_t order) const { return plan_.order(order).pickup == kNone; }

    void await(std::int32_t courier) {
        for (const Stop& stop : plan_.route(courier).stops)
            if (stop.visit != kNone) waiting_.add(plan_.visit(stop.visit).order);
    }

    // An order and the stops before and after it.
    void await_around(std::int32_t order) {
        if (plan_.courier_of(order) == kNone) return;
        const Site at = site(order);
        for (std::int32_t k = at.rank - 1; k <= at.rank + 1; ++k)
            if (at.route->at(k).visit != kNone) waiting_.add(plan_.visit(at.route->at(k).visit).order);
    }

    // The stops that a gap in a route leaves side by side.
    void await_gap(const Site& at) {
        for (const Stop* stop : {&at.before(), &at.after()})
            if (stop->visit != kNone) waiting_.add(plan_.visit(stop->visit).order);
    }

    Site site(std::int32_t order) const {
        const std::int32_t courier = plan_.courier_of(order);
        const Route& route = plan_.route(courier);
        return {courier, route.rank_of(plan_.order(order).delivery), &route};
    }

    Seconds time(const Stop& from, const Stop& to) const {
        return plan_.world().travel.times(from.place)[static_cast<std::size_t>(to.place)].out;
    }
    Price price(const Stop& from, const Stop& to) const {
        return plan_.world().travel.prices(from.place)[static_cast<std::size_t>(to.place)].out;
    }

    void better(std::int32_t order) {
        const Site own = site(order);
        const std::vector<std::int32_t>& nearest = near_.orders(order);
        const std::size_t n = std::min(static_cast<std::size_t>(params_.n_polish), nearest.size());
        for (std::size_t k = 0; k < n; ++k) {
            const std::int32_t other = nearest[k];
            const std::int32_t courier = plan_.courier_of(other);
            if (courier == kNone || courier == own.courier || !is_free(other)) continue;
            const Site theirs = site(other);
            if (hand_over(order, own, theirs) || swap(order, own, other, theirs) || cross(own, theirs)) {
                await_around(order);
                await_around(other);
                return;
            }
        }
    }

    // Take a pair out and put it back where it is cheapest, in its own route or that of a near one.
    void reinsert(std::int32_t order) {
        const std::int32_t own = plan_.courier_of(order);
        const Price before = plan_.price();
        const Plan::Pair kept = plan_.save(own, own);
        plan_.remove(own, {order});
        Unblinking eyes;
        Spot best{before - plan_.price() + plan_.order(order).unserved_price, kNone, kNone};
        std::int32_t taker = kNone;
        asked_.clear();
        asked_.add(own);
        const std::vector<std::int32_t>& nearest = near_.orders(order);
        const std::size_t n = std::min(static_cast<std::size_t>(params_.n_polish), nearest.size());
        for (std::size_t k = 0; k < n; ++k) {
            const std::int32_t c = plan_.courier_of(nearest[k]);
            if (c != kNone) asked_.add(c);
        }
        for (const std::int32_t c : asked_.all()) {
            const Spot spot = plan_.best(order, c, best.price, eyes);
            if (!spot.found()) continue;
            best = spot;
            taker = c;
        }
        if (taker == kNone) {
            plan_.restore(kept);
            return;
        }
        plan_.insert(order, taker, best);
        await_around(order);
    }

    // Price of the legs around a stop that would be saved by leaving it out.
    Price saved(const Site& at) const {
        Price price_out = at.stop().leg_price + at.after().leg_price;
        if (at.route->size() > 1) price_out -= price(at.before(), at.after());
        return price_out;
    }

    // Put the order right before or right after a near one.
    bool hand_over(std::int32_t order, const Site& own, const Site& theirs) {
        const World& world = plan_.world();
        if (!world.may_carry(plan_.order(order), theirs.courier)) return false;
        const Price gain = saved(own);
        for (const std::int32_t after : {theirs.rank, theirs.rank - 1}) {
            const Stop& left = theirs.route->at(after);
            const Stop& right = theirs.route->at(after + 1);
            if (price(left, own.stop()) + price(own.stop(), right) - right.leg_price >= gain) continue;
            if (!fits_between(left, own.stop(), right)) continue;
            const Courier& who = world.couriers[static_cast<std::size_t>(theirs.courier)];
            if (!has_room(theirs.route->peak_from(after), demand(own), who.capacity)) continue;
            await_gap(own);
            return commit([&] {
                plan_.remove(own.courier, {order});
                plan_.insert(order, theirs.courier, Spot{0, kNone, after});
            }, own.courier, theirs.courier);
        }
        return false;
    }

    bool fits_between(const Stop& left, const Stop& stop, const Stop& right) const {
        const Seconds start = std::max(left.depart + time(left, stop), stop.earliest);
        return start <= stop.last && start + stop.service + time(stop, right) <= right.latest;
    }

    const Load& demand(const Site& at) const { return plan_.visit(at.stop().visit).demand; }

    // Each takes the place of the other.
    bool swap(std::int32_t order, const Site& own, std::int32_t other, const Site& theirs) {
        const World& world = plan_.world();
        if (!world.may_carry(plan_.order(order), theirs.courier)) return false;
        if (!world.may_carry(plan_.order(other), own.courier)) return false;
        const Stop &a = own.stop(), &b = theirs.stop();
        const Price now = a.leg_price + own.after().leg_price + b.leg_price + theirs.after().leg_price;
        const Price then = price(own.before(), b) + price(b, own.after()) + price(theirs.before(), a) +
                           price(a, theirs.after());
        if (then >= now) return false;
        if (!fits_between(own.before(), b, own.after())) return false;
        if (!fits_between(theirs.before(), a, theirs.after())) return false;
        if (!has_room_for(own, demand(theirs)) || !has_room_for(theirs, demand(own))) return false;
        const std::int32_t own_after = own.rank - 1, their_after = theirs.rank - 1;
        return commit([&] {
            plan_.remove(own.courier, {order});
            plan_.remove(theirs.courier, {other});
            plan_.insert(other, own.courier, Spot{0, kNone, own_after});
            plan_.insert(order, theirs.courier, Spot{0, kNone, their_after});
        }, own.courier, theirs.courier);
    }

    // Whether a stop can be changed for one of another demand.
    bool has_room_for(const Site& at, const Load& incoming) const {
        const Courier& who = plan_.world().couriers[static_cast<std::size_t>(at.courier)];
        const Load& outgoing = demand(at);
        Load more;
        for (std::size_t d = 0; d < kDims; ++d) more[d] = incoming[d] - outgoing[d];
        return has_room(at.route->peak_from(at.rank), more, who.capacity);
    }

    // Everything after two stops changes hands: this one is followed by the near one and its tail.
    bool cross(const Site& own, const Site& theirs) {
        const Stop &a = own.stop(), &next = own.after();
        const Stop &b = theirs.stop(), &left = theirs.before();
        const Stop &own_end = own.route->stops.back(), &their_end = theirs.route->stops.back();
        if (own_end.place != their_end.place || own_end.last != their_end.last) return false;
        const bool is_empty_head = theirs.rank == 1;
        const bool is_empty_tail = own.rank == own.route->size();
        const Price there = is_empty_head && is_empty_tail ? 0 : price(left, next);
        if (price(a, b) + there >= next.leg_price + b.leg_price) return false;
        if (a.depart + time(a, b) > b.latest) return false;
        if (left.depart + time(left, next) > next.latest) return false;
        if (!may_take_tail(own, own.rank, theirs, theirs.rank)) return false;
        if (!may_take_tail(theirs, theirs.rank - 1, own, own.rank + 1)) return false;
        return commit([&] { plan_.cross(own.courier, own.rank, theirs.courier, theirs.rank - 1); },
                      own.courier, theirs.courier);
    }

    // Whether a courier may go on, after rank `after`, with the tail of another from rank `from` on.
    bool may_take_tail(const Site& at, std::int32_t after, const Site& tail, std::int32_t from) const {
        const Courier& who = plan_.world().couriers[static_cast<std::size_t>(at.courier)];
        const Load &start = at.route->load_after(after), &base = tail.route->load_after(from - 1);
        const Load& peak = tail.route->peak_from(from);
        for (std::size_t d = 0; d < kDims; ++d)
            if (start[d] + peak[d] - base[d] > who.capacity[d]) return false;
        for (std::int32_t k = from; k <= tail.route->size(); ++k) {
            const Order& order = plan_.order(plan_.visit(tail.route->at(k).visit).order);
            if (order.pickup != kNone || !plan_.world().may_carry(order, at.courier)) return false;
        }
        return true;
    }

    // Do it; terms a move does not see (promises, change) may still make it dearer: then undo it.
    template <class Move>
    bool commit(Move move, std::int32_t one, std::int32_t other) {
        if (plan_.world().has_prices) {
            const Price before = plan_.price();
            const Plan::Pair kept = plan_.save(one, other);
            move();
            if (plan_.price() >= before || !plan_.route(one).sound || !plan_.route(other).sound) {
                plan_.restore(kept);
                return false;
            }
        } else {
            move();
        }
        return true;
    }

    Plan& plan_;
    const Neighbours& near_;
    const Params& params_;
    NumberSet waiting_;
    NumberSet asked_;
};

}  // namespace recourse
