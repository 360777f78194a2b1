// This file knows where the best place of an order was, as long as nothing has changed.
#pragma once

#include <vector>

#include "spots.hpp"

namespace recourse {

// Remembers the best spot of an order in a route for as long as the route stays what it is.
class SpotCache {
public:
    void fit(std::int32_t n_orders, std::int32_t n_couriers) {
        const auto wanted = static_cast<std::uint64_t>(n_orders) * static_cast<std::uint64_t>(n_couriers);
        std::uint64_t size = 1;
        while (size < wanted && size < kMost) size *= 2;
        if (size == rows_.size() && n_couriers_ == static_cast<std::uint64_t>(n_couriers)) return;
        n_couriers_ = static_cast<std::uint64_t>(n_couriers);
        rows_.assign(size, Row{});
    }

    // An epoch stands for what is known about the order and about ways.
    template <class Compute>
    Spot get(std::int32_t order, std::int32_t epoch, const Route& route, Compute compute) {
        Row& row = rows_[slot(order, route.courier)];
        if (row.version != route.version || row.order != order || row.epoch != epoch) {
            const Spot spot = compute();
            row.price = spot.price;
            row.pickup = spot.pickup;
            row.delivery = spot.delivery;
            row.option = spot.option;
            row.version = route.version;
            row.order = order;
            row.epoch = epoch;
            return spot;
        }
        return {row.price, row.pickup, row.delivery, static_cast<std::int32_t>(row.option)};
    }

    // It will be asked about soon.
    void fetch(std::int32_t order, std::int32_t courier) const { __builtin_prefetch(&rows_[slot(order, courier)]); }

private:
    // Half a line of the processor's cache, and never in two of them.
    struct alignas(32) Row {
        Price price = kNever;
        std::int64_t version : 48 = -1;
        std::int64_t option : 16 = kNone;
        std::int32_t pickup = kNone;
        std::int32_t delivery = kNone;
        std::int32_t order = kNone;
        std::int32_t epoch = 0;
    };

    // Direct-mapped: in a large city two pairs may share a row, which costs time, never truth.
    static constexpr std::uint64_t kMost = std::uint64_t{1} << 21;

    std::size_t slot(std::int32_t order, std::int32_t courier) const {
        const std::uint64_t key =
            static_cast<std::uint64_t>(order) * n_couriers_ + static_cast<std::uint64_t>(courier);
        return static_cast<std::size_t>(key & (rows_.size() - 1));
    }

    std::uint64_t n_couriers_ = 1;
    std::vector<Row> rows_;
};

}  // namespace recourse
