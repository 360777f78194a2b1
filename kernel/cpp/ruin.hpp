// This file knows how to take strings of neighbouring visits out of neighbouring routes.
//
// Slack induction by string removals: Christiaens and Vanden Berghe 2020 (10.1287/trsc.2019.0914).
#pragma once

#include <cmath>
#include <vector>

#include "neighbours.hpp"
#include "params.hpp"
#include "plan.hpp"

namespace recourse {

class Ruin {
public:
    Ruin(Plan& plan, const Neighbours& near, const Params& params, Dice& dice)
        : plan_(plan), near_(near), params_(params), dice_(dice) {}

    // Take out strings around an order. The orders taken out are in `removed`.
    void around(std::int32_t seed) {
        removed.clear();
        const double longest = longest_string();
        const double most = 4 * params_.mean_removed / (1 + longest) - 1;
        std::int32_t left = std::max(1, static_cast<std::int32_t>(1 + dice_.share() * most));
        const auto take_from = [&](std::int32_t order) {
            const std::int32_t courier = plan_.courier_of(order);
            if (courier == kNone || plan_.is_touched(courier)) return;
            take_string(courier, order, longest);
            --left;
        };
        take_from(seed);
        for (const std::int32_t order : near_.orders(seed)) {
            if (left <= 0) return;
            take_from(order);
        }
    }

    // Open one route for a parcel that has no courier at both its ends: where it could be collected, and
    // where it could be delivered. Strings around an order open a route at one place.
    void both_ends(std::int32_t order) {
        removed.clear();
        const std::int32_t courier = somebody_near(order);
        if (courier == kNone || plan_.route(courier).empty()) return;
        const Route& route = plan_.route(courier);
        const std::int32_t there = first_left_after(route, plan_.visit(plan_.order(order).delivery).latest);
        const std::int32_t here = 1 + dice_.below(there);
        const std::int32_t late = order_at(route, there);
        take_string(courier, order_at(route, here), longest_string());
        if (plan_.courier_of(late) == courier) take_string(courier, late, longest_string());
    }

    // Take out what belongs together: all parcels that wait at one place, or all of one route.
    void group(std::int32_t seed) {
        removed.clear();
        if (plan_.order(seed).pickup != kNone) {
            take(seed);
            for (const std::int32_t order : near_.orders(seed))
                if (wait_together(seed, order)) take(order);
            return;
        }
        const std::int32_t courier = plan_.courier_of(seed);
        if (courier == kNone) return;
        string_.clear();
        for (const Stop& stop : plan_.route(courier).stops)
            if (stop.visit != kNone && plan_.order(plan_.visit(stop.visit).order).delivery == stop.visit)
                string_.push_back(plan_.visit(stop.visit).order);
        removed = string_;
        plan_.remove(courier, string_);
    }

    // Whether an order is a parcel that waits where others do; those are the nearest to it.
    bool waits_with_others(std::int32_t order) const {
        const std::vector<std::int32_t>& near = near_.orders(order);
        return plan_.order(order).pickup != kNone && !near.empty() && wait_together(order, near.front());
    }

    // Take out what was not told: whatever came into the route of the courier who has an order now,
    // and into that of the one who was told to carry it.
    void strays(std::int32_t order) {
        removed.clear();
        for (const std::int32_t courier : {plan_.courier_of(order), plan_.order(order).told_courier}) {
            string_.clear();
            for (const Stop& stop : plan_.route(courier).stops) {
                if (stop.visit == kNone || !plan_.visit(stop.visit).delivers) continue;
                const std::int32_t one = plan_.visit(stop.visit).order;
                if (plan_.order(one).told_courier != courier) string_.push_back(one);
            }
            if (string_.empty()) continue;
            removed.insert(removed.end(), string_.begin(), string_.end());
            plan_.remove(courier, string_);
        }
    }

    // How long routes are at the moment; asked for now and then, as it hardly changes.
    void measure() {
        std::int64_t n_stops = 0, n_routes = 0;
        for (const Route& route : plan_.routes()) {
            n_stops += route.size();
            n_routes += route.empty() ? 0 : 1;
        }
        mean_stops_ = n_routes > 0 ? static_cast<double>(n_stops) / static_cast<double>(n_routes) : 1.0;
    }

    std::vector<std::int32_t> removed;

private:
    double longest_string() const { return std::min(params_.longest_string, mean_stops_); }

    // Who has one of the orders near an order, or is near it.
    std::int32_t somebody_near(std::int32_t order) {
        const std::vector<std::int32_t> &orders = near_.orders(order), &couriers = near_.couriers(order);
        const std::int32_t other = orders.empty() ? kNone : dice_.one_of(orders);
        const std::int32_t courier = other == kNone ? kNone : plan_.courier_of(other);
        return courier != kNone || couriers.empty() ? courier : dice_.one_of(couriers);
    }

    // The first stop that is not left before then; the last one if all are.
    static std::int32_t first_left_after(const Route& route, Seconds then) {
        std::int32_t rank = 1;
        while (rank < route.size() && route.at(rank).depart < then) ++rank;
        return rank;
    }

    std::int32_t order_at(const Route& route, std::int32_t rank) const {
        return plan_.visit(route.at(rank).visit).order;
    }

    // Whether two parcels are collected at one place, or at two with no way in between.
    bool wait_together(std::int32_t one, std::int32_t other) const {
        if (plan_.order(other).pickup == kNone) return false;
        const std::int32_t here = plan_.visit(plan_.order(one).pickup).place;
        const std::int32_t there = plan_.visit(plan_.order(other).pickup).place;
        return here == there || plan_.world().usual_travel().times(here)[there].out == 0;
    }

    void take(std::int32_t order) {
        const std::int32_t courier = plan_.courier_of(order);
        if (courier == kNone) return;
        removed.push_back(order);
        string_.assign(1, order);
        plan_.remove(courier, string_);
    }

    // A string of visits that has the order's delivery in it, now and then with a gap that stays.
    void take_string(std::int32_t courier, std::int32_t order, double longest) {
        const Route& route = plan_.route(courier);
        const std::int32_t n = route.size();
        const std::int32_t rank = route.rank_of(plan_.order(order).delivery) - 1;
        const double limit = std::min<double>(n, longest);
        const std::int32_t length = std::min(n, static_cast<std::int32_t>(1 + dice_.share() * limit));
        std::int32_t gap = 0;
        if (length > 1 && length < n && dice_.share() < 0.5) {
            gap = 1;
            while (length + gap < n && dice_.share() > 0.5) ++gap;
        }
        const std::int32_t span = length + gap;
        const std::int32_t low = std::max(0, rank - span + 1), high = std::min(rank, n - span);
        const std::int32_t from = low + dice_.below(high - low + 1);
        const std::int32_t stays = gap > 0 ? from + dice_.below(length + 1) : from;
        string_.clear();
        for (std::int32_t k = from; k < from + span; ++k) {
            if (k >= stays && k < stays + gap) continue;
            const std::int32_t visit = route.at(k + 1).visit;
            const std::int32_t taken = plan_.visit(visit).order;
            const bool again = plan_.order(taken).pickup != kNone && plan_.order(taken).pickup != visit &&
                               std::find(string_.begin(), string_.end(), taken) != string_.end();
            if (!again) string_.push_back(taken);
        }
        removed.insert(removed.end(), string_.begin(), string_.end());
        plan_.remove(courier, string_);
    }

    Plan& plan_;
    const Neighbours& near_;
    const Params& params_;
    Dice& dice_;
    double mean_stops_ = 1;
    std::vector<std::int32_t> string_;
};

}  // namespace recourse
