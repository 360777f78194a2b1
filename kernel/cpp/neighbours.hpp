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
    static constexpr std::int32_t kOrders = 64;
    static constexpr std::int32_t kCouriers = 16;

    explicit Neighbours(const World& world) : world_(world) {
        seconds_price_ = price_of_a_second();
        n_orders_ = std::min(kOrders, std::max(0, world.n_orders() - 1));
        n_couriers_ = std::min(kCouriers, world.n_couriers());
        orders_.resize(static_cast<std::size_t>(world.n_orders()) * static_cast<std::size_t>(n_orders_));
        couriers_.resize(static_cast<std::size_t>(world.n_orders()) * static_cast<std::size_t>(n_couriers_));
        for (std::int32_t k = 0; k < world.n_orders(); ++k) {
            find_orders(k);
            find_couriers(k);
        }
    }

    std::int32_t n_orders() const { return n_orders_; }
    std::int32_t n_couriers() const { return n_couriers_; }
    const std::int32_t* orders(std::int32_t k) const {
        return orders_.data() + static_cast<std::size_t>(k) * static_cast<std::size_t>(n_orders_);
    }
    const std::int32_t* couriers(std::int32_t k) const {
        return couriers_.data() + static_cast<std::size_t>(k) * static_cast<std::size_t>(n_couriers_);
    }

private:
    using Ranked = std::pair<double, std::int32_t>;

    // How badly b follows a: the way, the wait, the lateness (correlated vertices of Vidal, Crainic,
    // Gendreau and Prins 2013, 10.1016/j.cor.2012.07.018).
    double follows(const Visit& a, const Visit& b) const {
        const auto to = static_cast<std::size_t>(b.place);
        const double leg = world_.travel.times(a.place)[to].out;
        const double wait = std::max(0.0, b.earliest - (a.latest + a.service + leg));
        const double late = std::max(0.0, a.earliest + a.service + leg - b.latest);
        return world_.travel.prices(a.place)[to].out + seconds_price_ * (0.2 * wait + late);
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

    void find_orders(std::int32_t k) {
        ranked_.clear();
        for (std::int32_t other = 0; other < world_.n_orders(); ++other) {
            if (other == k) continue;
            ranked_.emplace_back(distance(k, other), other);
        }
        take(n_orders_, orders_.data() + static_cast<std::size_t>(k) * static_cast<std::size_t>(n_orders_));
    }

    void find_couriers(std::int32_t k) {
        ranked_.clear();
        const Visit& visit = first(k);
        const Way* ways = world_.travel.times(visit.place);
        for (std::int32_t c = 0; c < world_.n_couriers(); ++c) {
            const Courier& who = world_.couriers[static_cast<std::size_t>(c)];
            const double arrives = who.start + ways[static_cast<std::size_t>(who.start_place)].in;
            ranked_.emplace_back(std::max<double>(arrives, visit.earliest - 0.0) +
                                     ways[static_cast<std::size_t>(who.start_place)].in, c);
        }
        take(n_couriers_, couriers_.data() + static_cast<std::size_t>(k) * static_cast<std::size_t>(n_couriers_));
    }

    // The n first of what was ranked; ties go to the smaller number.
    void take(std::int32_t n, std::int32_t* into) {
        std::partial_sort(ranked_.begin(), ranked_.begin() + n, ranked_.end());
        for (std::int32_t k = 0; k < n; ++k) into[k] = ranked_[static_cast<std::size_t>(k)].second;
    }

    double price_of_a_second() const {
        double seconds = 0, price = 0;
        for (const Visit& visit : world_.visits)
            for (const Courier& who : world_.couriers) {
                const auto from = static_cast<std::size_t>(who.start_place);
                seconds += world_.travel.times(visit.place)[from].in;
                price += world_.travel.prices(visit.place)[from].in;
            }
        return seconds > 0 ? price / seconds : 1.0;
    }

    const World& world_;
    double seconds_price_ = 1.0;
    std::int32_t n_orders_ = 0;
    std::int32_t n_couriers_ = 0;
    std::vector<std::int32_t> orders_;
    std::vector<std::int32_t> couriers_;
    std::vector<Ranked> ranked_;
};

}  // namespace recourse
