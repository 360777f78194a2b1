// This file knows who is near whom: orders that could follow each other, couriers near an order.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "world.hpp"

namespace recourse {

// For every order its nearest orders and its nearest couriers, nearest first.
class Neighbours {
public:
    static constexpr std::size_t kOrders = 64;
    static constexpr std::size_t kCouriers = 16;

    explicit Neighbours(const World& world) : world_(world), travel_(world.usual_travel()) {
        own_price_ = mean_second_price();
        seconds_price_ = own_price_ + price_of_a_second();
        for (std::int32_t k = 0; k < world.n_orders(); ++k) {
            orders_.emplace_back(find_orders(k));
            couriers_.emplace_back(find_couriers(k));
        }
    }

    const std::vector<std::int32_t>& orders(std::int32_t k) const { return orders_[static_cast<std::size_t>(k)]; }
    const std::vector<std::int32_t>& couriers(std::int32_t k) const { return couriers_[static_cast<std::size_t>(k)]; }

    // The lists of an order will be asked for soon.
    void fetch(std::int32_t k) const {
        __builtin_prefetch(orders(k).data());
        __builtin_prefetch(couriers(k).data());
    }

    // The last order is new: it gets its lists, and a place in the lists of those it is near.
    void add_order() {
        const std::int32_t added = world_.n_orders() - 1;
        orders_.emplace_back(find_orders(added));
        couriers_.emplace_back(find_couriers(added));
        for (std::int32_t k = 0; k < added; ++k) {
            std::vector<std::int32_t>& near = orders_[static_cast<std::size_t>(k)];
            const double own = distance(k, added);
            const auto at = std::find_if(near.begin(), near.end(), [&](std::int32_t one) { return distance(k, one) > own; });
            if (near.size() >= kOrders && at == near.end()) continue;
            near.insert(at, added);
            if (near.size() > kOrders) near.pop_back();
        }
    }

    // A courier is new or somewhere else: who is near whom has changed for everybody.
    void move_courier() {
        for (std::int32_t k = 0; k < world_.n_orders(); ++k) couriers_[static_cast<std::size_t>(k)] = find_couriers(k);
    }

private:
    using Ranked = std::pair<double, std::int32_t>;

    // How badly b follows a: the way, the wait, the lateness (correlated vertices of Vidal, Crainic,
    // Gendreau and Prins 2013, 10.1016/j.cor.2012.07.018).
    double follows(const Visit& a, const Visit& b) const {
        const double leg = travel_.times(a.place)[b.place].out;
        const double wait = std::max(0.0, b.earliest - (a.latest + a.service + leg));
        const double late = std::max(0.0, a.earliest + a.service + leg - b.latest);
        return travel_.prices(a.place)[b.place].out + own_price_ * leg + seconds_price_ * (0.2 * wait + late);
    }

    double either_way(const Visit& a, const Visit& b) const { return std::min(follows(a, b), follows(b, a)); }

    // Two orders are near if their doors are, or if they are taken up near each other: parcels that
    // wait with the same courier who broke down are moved together or not at all.
    double distance(std::int32_t a, std::int32_t b) const {
        const double doors = either_way(door(a), door(b));
        const Visit &start_a = first(a), &start_b = first(b);
        if (&start_a == &door(a) || &start_b == &door(b)) return doors;
        return std::min(doors, either_way(start_a, start_b));
    }

    const Visit& door(std::int32_t order) const {
        return world_.visits[static_cast<std::size_t>(world_.orders[static_cast<std::size_t>(order)].delivery)];
    }

    // Where an order is taken up: at its pickup, or where it is done.
    const Visit& first(std::int32_t order) const {
        const Order& what = world_.orders[static_cast<std::size_t>(order)];
        return world_.visits[static_cast<std::size_t>(what.pickup == kNone ? what.delivery : what.pickup)];
    }

    std::vector<std::int32_t> find_orders(std::int32_t k) {
        ranked_.clear();
        for (std::int32_t other = 0; other < world_.n_orders(); ++other) {
            if (other == k) continue;
            ranked_.emplace_back(distance(k, other), other);
        }
        return nearest(kOrders);
    }

    std::vector<std::int32_t> find_couriers(std::int32_t k) {
        ranked_.clear();
        const Visit& visit = first(k);
        for (std::int32_t c = 0; c < world_.n_couriers(); ++c) {
            const Courier& who = world_.couriers[static_cast<std::size_t>(c)];
            const double way = world_.travel(who.profile).times(visit.place)[who.start_place].in;
            // Of those who would all have to wait, the one who has the shortest way.
            ranked_.emplace_back(std::max<double>(who.start + way, visit.earliest) + way, c);
        }
        return nearest(kCouriers);
    }

    // The n first of what was ranked; ties go to the smaller number.
    std::vector<std::int32_t> nearest(std::size_t n) {
        n = std::min(n, ranked_.size());
        std::partial_sort(ranked_.begin(), ranked_.begin() + static_cast<std::ptrdiff_t>(n), ranked_.end());
        std::vector<std::int32_t> first(n);
        for (std::size_t k = 0; k < n; ++k) first[k] = ranked_[k].second;
        return first;
    }

    double price_of_a_second() const {
        double seconds = 0, price = 0;
        for (const Visit& visit : world_.visits)
            for (const Courier& who : world_.couriers) {
                seconds += travel_.times(visit.place)[who.start_place].in;
                price += travel_.prices(visit.place)[who.start_place].in;
            }
        return seconds > 0 ? price / seconds : 1.0;
    }

    // What couriers are paid for a second, on average.
    double mean_second_price() const {
        double sum = 0;
        for (const Courier& who : world_.couriers) sum += static_cast<double>(who.second_price);
        return sum / std::max<double>(1, world_.n_couriers());
    }

    const World& world_;
    const Travel& travel_;  // of most couriers
    double own_price_ = 0.0;
    double seconds_price_ = 1.0;
    std::vector<std::vector<std::int32_t>> orders_;
    std::vector<std::vector<std::int32_t>> couriers_;
    std::vector<Ranked> ranked_;
};

}  // namespace recourse
