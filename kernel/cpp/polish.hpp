// This file knows small exact moves between routes: hand one visit over, swap two, swap two tails.
//
// Where moving an order that was told costs something, that is part of the price of every move, and
// whoever was told to carry it is asked to take it back.
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
          rank_(plan.world().orders.size(), 0),
          ranked_(plan.world().couriers.size(), 0),
          asked_(plan.world().n_couriers()) {}

    // Better the places of some orders and of their neighbours, until no move helps.
    void run(const std::vector<std::int32_t>& orders) {
        waiting_.clear();
        ++n_runs_;
        for (const std::int32_t k : orders) await_around(k);
        work(kMost);
    }

    // Better every route.
    void run_all() {
        waiting_.clear();
        ++n_runs_;
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

    Site site(std::int32_t order) {
        const std::int32_t courier = plan_.courier_of(order);
        if (ranked_[static_cast<std::size_t>(courier)] != n_runs_) note_ranks(courier);
        return {courier, rank_[static_cast<std::size_t>(order)], &plan_.route(courier)};
    }

    void note_ranks(std::int32_t courier) {
        const Route& route = plan_.route(courier);
        for (std::int32_t k = 1; k <= route.size(); ++k) {
            const std::int32_t order = plan_.visit(route.at(k).visit).order;
            if (plan_.order(order).delivery == route.at(k).visit) rank_[static_cast<std::size_t>(order)] = k;
        }
        ranked_[static_cast<std::size_t>(courier)] = n_runs_;
    }

    void forget_ranks(std::int32_t courier) { ranked_[static_cast<std::size_t>(courier)] = -1; }

    // The ways of one stop as the courier of a route would go them, to be asked about many others:
    // its row of the world stays at hand. Time that is paid counts as if nobody ever waited.
    struct Row {
        const Way* times;
        const Way* prices;
        Price second_price;
        Seconds time_to(const Stop& stop) const { return times[stop.place].out; }
        Seconds time_from(const Stop& stop) const { return times[stop.place].in; }
        Price price_to(const Stop& stop) const { return prices[stop.place].out + paid(time_to(stop)); }
        Price price_from(const Stop& stop) const { return prices[stop.place].in + paid(time_from(stop)); }
        Price paid(Seconds seconds) const { return second_price * seconds; }
    };

    Row row(const Stop& stop, const Route& route) const {
        const Travel& travel = plan_.world().travel(route.profile);
        return {travel.times(stop.place), travel.prices(stop.place), route.second_price};
    }

    static Price leg(const Route& route, const Stop& stop) {
        return stop.leg_price + route.second_price * stop.leg_s;
    }

    // An order that is to be moved, where it is, and the ways of its stop and of those around it.
    struct Mover {
        std::int32_t order;
        Site at;
        Row before, own, after;
        Price saved;  // by leaving it out
    };

    void better(std::int32_t order) {
        const Site at = site(order);
        const Route& route = *at.route;
        Mover one{order, at, row(at.before(), route), row(at.stop(), route), row(at.after(), route), 0};
        one.saved = leg(route, at.stop()) + leg(route, at.after());
        if (at.route->size() > 1) one.saved -= one.before.price_to(at.after());
        if (give_back(one)) {
            await_around(order);
            return;
        }
        const std::vector<std::int32_t>& nearest = near_.orders(order);
        const std::size_t n = std::min(static_cast<std::size_t>(params_.n_polish), nearest.size());
        for (std::size_t k = 0; k < n; ++k) {
            const std::int32_t other = nearest[k];
            const std::int32_t courier = plan_.courier_of(other);
            if (courier == kNone || courier == at.courier || !is_free(other)) continue;
            const Site theirs = site(other);
            if (hand_over(one, theirs) || swap(one, other, theirs) || cross(one, theirs)) {
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
        Spot best{before - plan_.price() + plan_.order(order).unserved_price, kNone, kNone, kNone};
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
        forget_ranks(own);
        forget_ranks(taker);
        await_around(order);
    }

    // What it costs more that another courier has an order.
    Price change(std::int32_t order, std::int32_t from, std::int32_t to) const {
        const World& world = plan_.world();
        if (!world.counts_moves()) return 0;
        return world.move_price(plan_.order(order), to) - world.move_price(plan_.order(order), from);
    }

    // Give an order that has changed hands back to who was told to carry it, wherever it fits there.
    bool give_back(const Mover& one) {
        const std::int32_t former = plan_.world().former_courier(plan_.order(one.order));
        if (former == kNone || former == one.at.courier) return false;
        const Price bound = one.saved - change(one.order, one.at.courier, former);
        Unblinking eyes;
        const Spot spot = plan_.is_touched(former) ? plan_.best(one.order, former, bound, eyes)
                                                   : plan_.cached(one.order, former);
        if (!spot.found() || spot.price >= bound) return false;
        await_gap(one.at);
        return commit([&] {
            plan_.remove(one.at.courier, {one.order});
            plan_.insert(one.order, former, spot);
        }, one.at.courier, former);
    }

    // Put the order right after or right before a near one.
    bool hand_over(const Mover& one, const Site& theirs) {
        const World& world = plan_.world();
        const Stop& stop = one.at.stop();
        const Row own = row(stop, *theirs.route);
        const Price bound = one.saved - change(one.order, one.at.courier, theirs.courier);
        for (const std::int32_t after : {theirs.rank, theirs.rank - 1}) {
            const Stop& left = theirs.route->at(after);
            const Stop& right = theirs.route->at(after + 1);
            if (own.price_from(left) + own.price_to(right) - leg(*theirs.route, right) >= bound) continue;
            if (!fits(left, own.time_from(left), stop, own.time_to(right), right)) continue;
            if (!world.may_carry(plan_.order(one.order), theirs.courier)) return false;
            const Courier& who = world.couriers[static_cast<std::size_t>(theirs.courier)];
            if (!has_room(theirs.route->peak_from(after), demand(one.at), who.capacity)) continue;
            await_gap(one.at);
            return commit([&] {
                plan_.remove(one.at.courier, {one.order});
                plan_.insert(one.order, theirs.courier, Spot{0, kNone, after, kNone});
            }, one.at.courier, theirs.courier);
        }
        return false;
    }

    // Whether a stop can be served between two others, given the ways there and on.
    static bool fits(const Stop& left, Seconds there, const Stop& stop, Seconds on, const Stop& right) {
        const Seconds start = std::max(left.depart + there, stop.earliest);
        return start <= stop.last && start + stop.service + on <= right.latest;
    }

    const Load& demand(const Site& at) const { return plan_.visit(at.stop().visit).demand; }

    // Each takes the place of the other.
    bool swap(const Mover& one, std::int32_t other, const Site& theirs) {
        const World& world = plan_.world();
        const Site& own = one.at;
        const Stop &a = own.stop(), &b = theirs.stop(), &left = theirs.before(), &right = theirs.after();
        const Row moved = row(a, *theirs.route);
        const Price now = leg(*own.route, a) + leg(*own.route, own.after()) + leg(*theirs.route, b) +
                          leg(*theirs.route, right);
        const Price then = one.before.price_to(b) + one.after.price_from(b) + moved.price_from(left) +
                           moved.price_to(right) + change(one.order, own.courier, theirs.courier) +
                           change(other, theirs.courier, own.courier);
        if (then >= now) return false;
        if (!fits(own.before(), one.before.time_to(b), b, one.after.time_from(b), own.after())) return false;
        if (!fits(left, moved.time_from(left), a, moved.time_to(right), right)) return false;
        if (!world.may_carry(plan_.order(one.order), theirs.courier)) return false;
        if (!world.may_carry(plan_.order(other), own.courier)) return false;
        if (!has_room_for(own, demand(theirs)) || !has_room_for(theirs, demand(own))) return false;
        const std::int32_t own_after = own.rank - 1, their_after = theirs.rank - 1;
        return commit([&] {
            plan_.remove(own.courier, {one.order});
            plan_.remove(theirs.courier, {other});
            plan_.insert(other, own.courier, Spot{0, kNone, own_after, kNone});
            plan_.insert(one.order, theirs.courier, Spot{0, kNone, their_after, kNone});
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
    // Ways and days' ends must be the same for both, or the tails would not stay what they are.
    bool cross(const Mover& one, const Site& theirs) {
        const Site& own = one.at;
        if (own.route->profile != theirs.route->profile) return false;
        const Stop &a = own.stop(), &next = own.after();
        const Stop &b = theirs.stop(), &left = theirs.before();
        const bool stays_empty = theirs.rank == 1 && own.rank == own.route->size();
        const Price there = stays_empty ? 0 : one.after.price_from(left);
        const Price saved = leg(*own.route, next) + leg(*theirs.route, b) - one.own.price_to(b) - there;
        if (saved <= 0) return false;
        if (a.depart + one.own.time_to(b) > b.latest) return false;
        if (left.depart + one.after.time_from(left) > next.latest) return false;
        const Stop &own_end = own.route->stops.back(), &their_end = theirs.route->stops.back();
        if (own_end.place != their_end.place || own_end.last != their_end.last) return false;
        if (!may_take_tail(own, own.rank, theirs, theirs.rank)) return false;
        if (!may_take_tail(theirs, theirs.rank - 1, own, own.rank + 1)) return false;
        const Price changed =
            tail_change(own, own.rank + 1, theirs.courier) + tail_change(theirs, theirs.rank, own.courier);
        if (changed >= saved) return false;
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

    // What it costs more that another courier has all orders from a rank on.
    Price tail_change(const Site& tail, std::int32_t from, std::int32_t to) const {
        Price sum = 0;
        if (!plan_.world().counts_moves()) return sum;
        for (std::int32_t k = from; k <= tail.route->size(); ++k)
            sum += change(plan_.visit(tail.route->at(k).visit).order, tail.courier, to);
        return sum;
    }

    // Do it; terms a move does not see (promises) may still make it dearer: then undo it.
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
        forget_ranks(one);
        forget_ranks(other);
        return true;
    }

    Plan& plan_;
    const Neighbours& near_;
    const Params& params_;
    NumberSet waiting_;
    std::vector<std::int32_t> rank_;    // of each delivery, where `ranked_` says so
    std::vector<std::int64_t> ranked_;  // run in which the ranks of a route were noted last
    NumberSet asked_;
    std::int64_t n_runs_ = 0;
};

}  // namespace recourse
