// This file knows ejection chains: an order without a courier pushes out one that is easier to place.
//
// After Nagata and Braysy 2009 (10.1016/j.orl.2009.04.006): who has been left out often is hard to
// place, and may push out only orders that have been left out less often.
#pragma once

#include <vector>

#include "neighbours.hpp"
#include "plan.hpp"

namespace recourse {

class Chains {
public:
    static constexpr std::int32_t kLinks = 6;  // orders moved by one chain at most
    static constexpr std::int32_t kReach = 2;  // ranks on either side of the visit pushed out

    Chains(Plan& plan, const Neighbours& near, Dice& dice)
        : plan_(plan),
          near_(near),
          dice_(dice),
          n_left_out_(plan.world().orders.size(), 0),
          asked_(plan.world().n_couriers()) {}

    // Start a chain at one of the orders without a courier.
    void run() {
        const std::vector<std::int32_t>& out = plan_.unserved().all();
        std::int32_t order = out[static_cast<std::size_t>(dice_.below(static_cast<std::int32_t>(out.size())))];
        for (std::int32_t link = 0; link < kLinks && order != kNone; ++link) order = push_in(order);
    }

    // How hard the orders without a courier are to place, all in all.
    std::int64_t hardness() const {
        std::int64_t sum = 0;
        for (const std::int32_t k : plan_.unserved().all()) sum += n_left_out_[static_cast<std::size_t>(k)];
        return sum;
    }

    // Call once for every step, whatever became of it.
    void count_unserved() {
        for (const std::int32_t k : plan_.unserved().all()) ++n_left_out_[static_cast<std::size_t>(k)];
    }

private:
    struct Push {
        std::int64_t hardness = 0;  // of the order pushed out
        Price price = kNever;
        std::int32_t out = kNone;
        std::int32_t rank = 0;   // of the visit that leaves
        std::int32_t after = 0;  // rank in the old route after which the newcomer goes
    };

    // Put an order in for another one. Returns the one that now has no courier, if it found none.
    std::int32_t push_in(std::int32_t order) {
        const Order& what = plan_.order(order);
        if (what.pickup != kNone) return kNone;
        const Push push = best_push(order, plan_.visit(what.delivery));
        if (push.out == kNone) return kNone;
        const std::int32_t courier = plan_.courier_of(push.out);
        plan_.remove(courier, {push.out});
        const std::int32_t after = push.after >= push.rank ? push.after - 1 : push.after;
        plan_.insert(order, courier, Spot{0, kNone, after, kNone});
        return place(push.out) ? kNone : push.out;
    }

    Push best_push(std::int32_t order, const Visit& one) {
        Push best;
        best.hardness = n_left_out_[static_cast<std::size_t>(order)];
        for (const std::int32_t other : near_.orders(order)) {
            const std::int32_t courier = plan_.courier_of(other);
            const std::int64_t hardness = n_left_out_[static_cast<std::size_t>(other)];
            if (courier == kNone || hardness > best.hardness) continue;
            if (plan_.order(other).pickup != kNone) continue;
            if (!plan_.world().may_carry(plan_.order(order), courier)) continue;
            try_push(other, plan_.route(courier), hardness, one, best);
        }
        return best;
    }

    void try_push(std::int32_t other, const Route& route, std::int64_t hardness, const Visit& one, Push& best) {
        const std::int32_t rank = route.rank_of(plan_.order(other).delivery);
        if (!has_room_without(route, rank, one.demand)) return;
        const std::int32_t low = std::max(0, rank - 1 - kReach), high = std::min(route.size(), rank + kReach);
        for (std::int32_t after = low; after <= high; ++after) {
            if (after == rank) continue;  // the same as after rank - 1
            const Price price = price_of(route, rank, after, one);
            if (price == kNever) continue;
            if (hardness < best.hardness || price < best.price) best = {hardness, price, other, rank, after};
        }
    }

    // A newcomer collects or brings; load is asked for the whole route, so that this stays O(1).
    bool has_room_without(const Route& route, std::int32_t rank, const Load& demand) const {
        const Courier& who = plan_.world().couriers[static_cast<std::size_t>(route.courier)];
        const Load& freed = plan_.visit(route.at(rank).visit).demand;
        Load rest;
        for (std::size_t d = 0; d < kDims; ++d) rest[d] = demand[d] - std::max(0, freed[d]);
        return has_room(route.peak_from(0), rest, who.capacity);
    }

    // What the legs cost more with the newcomer after rank `after` and without the visit at `rank`;
    // kNever if somebody would be late.
    Price price_of(const Route& route, std::int32_t rank, std::int32_t after, const Visit& one) const {
        const std::int32_t first = std::min(after, rank - 1), last = std::max(after, rank) + 1;
        const Travel& travel = plan_.world().travel(route.profile);
        const Stop* at = &route.at(first);
        Stop newcomer;
        newcomer.place = one.place;
        Seconds leaves = at->depart;
        Price price = 0;
        for (std::int32_t k = first; k < last; ++k) {
            if (k == after) {
                const Seconds start = std::max(leaves + travel.times(at->place)[one.place].out, one.earliest);
                if (start > one.latest) return kNever;
                price += travel.prices(at->place)[one.place].out;
                leaves = start + one.service;
                at = &newcomer;
            }
            const Stop& next = route.at(k + 1);
            price -= next.leg_price;
            if (k + 1 == rank) continue;
            const Seconds arrives = leaves + travel.times(at->place)[next.place].out;
            if (arrives > (k + 1 == last ? next.latest : own_latest(next))) return kNever;
            price += travel.prices(at->place)[next.place].out;
            if (k + 1 == last) break;
            const Visit& visit = plan_.visit(next.visit);
            leaves = std::max(arrives, visit.earliest) + visit.service;
            at = &next;
        }
        return price;
    }

    // Before the visit that leaves, a stop's `latest` still counts that visit: only its window binds.
    Seconds own_latest(const Stop& stop) const { return plan_.visit(stop.visit).latest; }

    bool place(std::int32_t order) {
        const Order& what = plan_.order(order);
        asked_.clear();
        if (what.only_courier != kNone) {
            asked_.add(what.only_courier);
        } else {
            for (const std::int32_t c : plan_.touched()) asked_.add(c);
            for (const std::int32_t other : near_.orders(order)) {
                const std::int32_t c = plan_.courier_of(other);
                if (c != kNone) asked_.add(c);
            }
            for (const std::int32_t c : near_.couriers(order)) asked_.add(c);
        }
        Unblinking eyes;
        Spot best{what.unserved_price, kNone, kNone, kNone};
        std::int32_t taker = kNone;
        for (const std::int32_t c : asked_.all()) {
            const Spot spot = plan_.is_touched(c) ? plan_.best(order, c, best.price, eyes)
                                                  : plan_.cached(order, c);
            if (!spot.found() || spot.price >= best.price) continue;
            best = spot;
            taker = c;
        }
        if (taker != kNone) plan_.insert(order, taker, best);
        return taker != kNone;
    }

    Plan& plan_;
    const Neighbours& near_;
    Dice& dice_;
    std::vector<std::int64_t> n_left_out_;
    NumberSet asked_;
};

}  // namespace recourse
