// This file knows ejection chains: an order without a courier pushes out one that is easier to place.
//
// After Nagata and Braysy 2009 (10.1016/j.orl.2009.04.006): who has been left out often is hard to
// place, and may push out only orders that have been left out less often, one or a few in a row.
// Whoever has to push counts as left out once more, so that a chain does not go in circles.
#pragma once

#include <vector>

#include "neighbours.hpp"
#include "plan.hpp"

namespace recourse {

class Chains {
public:
    static constexpr std::int32_t kLinks = 40;   // orders pushed in by one chain at most
    static constexpr std::int32_t kEjected = 3;  // visits in a row pushed out by one order at most
    static constexpr std::int32_t kReach = 2;    // ranks on either side of the visits pushed out

    Chains(Plan& plan, const Neighbours& near, Dice& dice)
        : plan_(plan),
          near_(near),
          dice_(dice),
          n_left_out_(plan.world().orders.size(), 0),
          asked_(plan.world().n_couriers()) {}

    // Start a chain at one of the orders without a courier.
    void run() {
        waiting_.assign(1, dice_.one_of(plan_.unserved().all()));
        for (std::int32_t link = 0; link < kLinks && !waiting_.empty(); ++link) {
            const std::int32_t order = waiting_.back();
            waiting_.pop_back();
            if (!push_in(order)) return;
        }
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
        std::int64_t hardness = 0;  // of the orders pushed out, together
        Price price = kNever;
        std::int32_t courier = kNone;
        std::int32_t rank = 0;    // of the first visit that leaves
        std::int32_t length = 0;  // visits that leave, one after the other
        std::int32_t after = 0;   // rank in the old route after which the newcomer goes
    };

    // Put an order in for others. Whoever then found no place is left waiting.
    bool push_in(std::int32_t order) {
        const Order& what = plan_.order(order);
        if (what.pickup != kNone) return false;
        ++n_left_out_[static_cast<std::size_t>(order)];
        const Push push = best_push(order, what.delivery);
        if (push.courier == kNone) return false;
        out_.clear();
        for (std::int32_t k = push.rank; k < push.rank + push.length; ++k)
            out_.push_back(plan_.visit(plan_.route(push.courier).at(k).visit).order);
        plan_.remove(push.courier, out_);
        const std::int32_t after = push.after >= push.rank ? push.after - push.length : push.after;
        plan_.insert(order, push.courier, Spot{0, kNone, after, kNone});
        for (const std::int32_t other : out_)
            if (!place(other)) waiting_.push_back(other);
        return true;
    }

    Push best_push(std::int32_t order, std::int32_t delivery) {
        Push best;
        best.hardness = n_left_out_[static_cast<std::size_t>(order)];
        for (const std::int32_t other : near_.orders(order)) {
            const std::int32_t courier = plan_.courier_of(other);
            if (courier == kNone || n_left_out_[static_cast<std::size_t>(other)] > best.hardness) continue;
            if (!plan_.world().may_carry(plan_.order(order), courier)) continue;
            const Route& route = plan_.route(courier);
            const std::int32_t rank = route.rank_of(plan_.order(other).delivery);
            const Newcomer one(plan_.world(), route, delivery);
            std::int64_t hardness = 0;
            Load freed{};
            for (std::int32_t length = 1; length <= kEjected && rank + length <= route.size() + 1; ++length) {
                const Visit& last = plan_.visit(route.at(rank + length - 1).visit);
                if (plan_.order(last.order).pickup != kNone) break;
                hardness += n_left_out_[static_cast<std::size_t>(last.order)];
                if (hardness > best.hardness) break;
                for (std::size_t d = 0; d < kDims; ++d) freed[d] += std::max(0, last.demand[d]);
                if (has_room_without(route, freed, one.visit.demand)) try_push(route, rank, length, hardness, one, best);
            }
        }
        return best;
    }

    void try_push(const Route& route, std::int32_t rank, std::int32_t length, std::int64_t hardness, const Newcomer& one,
                  Push& best) {
        const std::int32_t low = std::max(0, rank - 1 - kReach);
        const std::int32_t high = std::min(route.size(), rank + length - 1 + kReach);
        for (std::int32_t after = low; after <= high; ++after) {
            if (after >= rank && after < rank + length) continue;  // the same as after rank - 1
            const Price price = price_of(route, rank, length, after, one);
            if (price == kNever) continue;
            if (hardness < best.hardness || price < best.price)
                best = {hardness, price, route.courier, rank, length, after};
        }
    }

    // A newcomer collects or brings; load is asked for the whole route, so that this stays O(1).
    bool has_room_without(const Route& route, const Load& freed, const Load& demand) const {
        const Courier& who = plan_.world().couriers[static_cast<std::size_t>(route.courier)];
        Load rest;
        for (std::size_t d = 0; d < kDims; ++d) rest[d] = demand[d] - freed[d];
        return has_room(route.peak_from(0), rest, who.capacity);
    }

    // What the legs cost more with the newcomer after rank `after` and without the visits from `rank`
    // on; kNever if somebody would be late. Before those who leave, a stop's `latest` still counts
    // them: there only its own window binds.
    Price price_of(const Route& route, std::int32_t rank, std::int32_t length, std::int32_t after, const Newcomer& one) const {
        const std::int32_t first = std::min(after, rank - 1), last = std::max(after, rank + length - 1) + 1;
        const Stop* at = &route.at(first);  // the last one of those who stay
        bool follows_newcomer = false, follows_gap = false;
        Seconds leaves = at->depart;
        Price price = 0;
        for (std::int32_t k = first; k < last; ++k) {
            if (k == after) {
                const Seconds start = std::max(leaves + one.time_from(*at), one.visit.earliest);
                if (start > one.visit.latest) return kNever;
                price += one.price_from(*at);
                leaves = start + one.visit.service;
                follows_newcomer = true;
            }
            const Stop& next = route.at(k + 1);
            price -= next.leg_price;
            if (k + 1 >= rank && k + 1 < rank + length) {
                follows_gap = true;
                continue;
            }
            Seconds way_s = next.leg_s;
            Price way_price = next.leg_price;
            if (follows_newcomer) {
                way_s = one.time_to(next);
                way_price = one.price_to(next);
            } else if (follows_gap) {
                const Travel& travel = plan_.world().travel(route.profile);
                way_s = travel.times(at->place)[next.place].out;
                way_price = travel.prices(at->place)[next.place].out;
            }
            const Seconds arrives = leaves + way_s;
            if (arrives > (k + 1 == last ? next.latest : next.last)) return kNever;
            price += way_price;
            leaves = std::max(arrives, next.earliest) + next.service;
            at = &next;
            follows_newcomer = follows_gap = false;
        }
        return price;
    }

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
    std::vector<std::int32_t> waiting_;  // to be pushed in next, the last first
    std::vector<std::int32_t> out_;
};

}  // namespace recourse
