// This file knows how to put orders back, one after the other, each where it is cheapest now.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "neighbours.hpp"
#include "params.hpp"
#include "plan.hpp"

namespace recourse {

class Recreate {
public:
    Recreate(Plan& plan, const Neighbours& near, const Params& params, Dice& dice)
        : plan_(plan),
          near_(near),
          params_(params),
          dice_(dice),
          eyes_(dice),
          asked_(plan.world().n_couriers()),
          was_out_(plan.world().n_orders()) {}

    // Put back what a ruin took out, and try whoever was without a courier in the routes it opened.
    // Gives up, and says so, as soon as the plan is dearer than `limit` whatever comes: putting an
    // order in never saves anything.
    // A favourite courier is asked alone at first, and for one meeting point if there are several.
    bool run(Price limit, std::int32_t favourite = kNone, std::int32_t from_place = kNone) {
        const std::size_t n_opened = plan_.touched().size();
        line_up();
        Price pending = 0;
        for (const auto& [key, order] : queue_) pending += plan_.order(order).unserved_price;
        for (std::size_t k = 0; k < queue_.size(); ++k) {
            const std::int32_t order = queue_[k].second;
            if (k + 1 < queue_.size()) near_.fetch(queue_[k + 1].second);
            if (plan_.price() - pending > limit) return false;
            pending -= plan_.order(order).unserved_price;
            asked_.clear();
            if (favourite != kNone && !was_out_.has(order)) {
                ask(order, favourite);
                if (try_best(order, from_place)) continue;
                asked_.clear();
            }
            if (was_out_.has(order)) ask_opened(order, n_opened);
            else ask_all(order);
            try_best(order);
        }
        return true;
    }

    // Remember who had no courier before the ruin.
    void before() {
        was_out_.clear();
        for (const std::int32_t k : plan_.unserved().all()) was_out_.add(k);
    }

private:
    // Sort by one of several measures, drawn afresh each time; equals in a drawn sequence.
    void line_up() {
        const std::vector<std::int32_t>& out = plan_.unserved().all();
        queue_.clear();
        for (const std::int32_t k : out) queue_.emplace_back(0, k);
        for (std::size_t k = queue_.size(); k > 1; --k)
            std::swap(queue_[k - 1], queue_[static_cast<std::size_t>(dice_.below(static_cast<std::int32_t>(k)))]);
        const std::int32_t drawn = dice_.below(17);
        if (drawn < 4) return;
        for (auto& [key, order] : queue_) key = measure(order, drawn);
        sort_stably();
    }

    // Most queues are short, and then nothing beats sorting by insertion.
    void sort_stably() {
        constexpr std::size_t kShort = 40;
        if (queue_.size() > kShort) {
            std::stable_sort(queue_.begin(), queue_.end(),
                             [](const auto& a, const auto& b) { return a.first < b.first; });
            return;
        }
        for (std::size_t k = 1; k < queue_.size(); ++k) {
            const auto one = queue_[k];
            std::size_t hole = k;
            for (; hole > 0 && queue_[hole - 1].first > one.first; --hole) queue_[hole] = queue_[hole - 1];
            queue_[hole] = one;
        }
    }

    std::int64_t measure(std::int32_t order, std::int32_t drawn) const {
        const Visit& door = plan_.visit(plan_.order(order).delivery);
        if (drawn < 8) return -bulk(door);
        if (drawn < 11) {
            const Courier& who = plan_.world().couriers.front();
            const std::int32_t base = who.end_place == kNone ? who.start_place : who.end_place;
            const std::int64_t way = plan_.world().travel(who.profile).times(base)[door.place].in;
            return drawn < 10 ? -way : way;
        }
        if (drawn < 13) return door.latest - door.earliest;
        return drawn < 15 ? door.earliest : -door.latest;
    }

    static std::int64_t bulk(const Visit& visit) {
        std::int64_t sum = 0;
        for (const std::int32_t amount : visit.demand) sum += amount < 0 ? -amount : amount;
        return sum;
    }

    void ask(std::int32_t order, std::int32_t courier) {
        if (!plan_.is_full(courier, order) && asked_.add(courier)) plan_.fetch(order, courier);
    }

    void ask_all(std::int32_t order) {
        const Order& what = plan_.order(order);
        if (what.only_courier != kNone) {
            ask(order, what.only_courier);
            return;
        }
        for (const std::int32_t courier : plan_.touched()) ask(order, courier);
        ask_near(order);
        const std::int32_t former = plan_.world().former_courier(what);
        if (former != kNone) ask(order, former);
    }

    void ask_near(std::int32_t order) {
        const std::vector<std::int32_t>& orders = near_.orders(order);
        const std::size_t n_orders = std::min(static_cast<std::size_t>(params_.n_near_orders), orders.size());
        for (std::size_t k = 0; k < n_orders; ++k) {
            const std::int32_t courier = plan_.courier_of(orders[k]);
            if (courier != kNone) ask(order, courier);
        }
        const std::vector<std::int32_t>& couriers = near_.couriers(order);
        const std::size_t n_couriers = std::min(static_cast<std::size_t>(params_.n_near_couriers), couriers.size());
        for (std::size_t k = 0; k < n_couriers; ++k) ask(order, couriers[k]);
    }

    // Nothing has changed elsewhere since this order found no place there.
    void ask_opened(std::int32_t order, std::size_t n_opened) {
        const Order& what = plan_.order(order);
        for (std::size_t k = 0; k < n_opened; ++k) {
            const std::int32_t courier = plan_.touched()[k];
            if (what.only_courier == kNone || what.only_courier == courier) ask(order, courier);
        }
    }

    bool try_best(std::int32_t order, std::int32_t from_place = kNone) {
        Spot best{plan_.order(order).unserved_price, kNone, kNone, kNone};
        std::int32_t taker = kNone;
        for (const std::int32_t courier : asked_.all()) {
            Spot spot;
            if (plan_.is_touched(courier) || from_place != kNone) {
                spot = plan_.best(order, courier, best.price, eyes_, from_place);
            } else {
                spot = plan_.cached(order, courier);
                if (spot.price >= best.price || eyes_.blinks()) continue;
            }
            if (spot.found() && spot.price < best.price) {
                best = spot;
                taker = courier;
            }
        }
        if (taker != kNone) plan_.insert(order, taker, best);
        return taker != kNone;
    }

    Plan& plan_;
    const Neighbours& near_;
    const Params& params_;
    Dice& dice_;
    Blinking eyes_;
    NumberSet asked_;
    std::vector<std::pair<std::int64_t, std::int32_t>> queue_;
    NumberSet was_out_;
};

}  // namespace recourse
