// This file knows where the best place of an order was, as long as nothing has changed.
#pragma once

#include <bit>
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
        n_bits_ = std::countr_zero(size);
        rows_.assign(size, Row{});
    }

    // A version stands for the route and for all that is known about the order and about ways.
    template <class Compute>
    Spot get(std::int32_t order, std::int32_t courier, std::uint64_t version, Compute compute) {
        const std::uint64_t pair = pair_of(order, courier);
        const std::uint64_t key = version << kTagBits | pair >> n_bits_;
        Row& row = rows_[slot(pair)];
        if (row.key == key) return row.spot();
        const Spot spot = compute();
        if (Row::can_hold(spot) && pair >> n_bits_ < std::uint64_t{1} << kTagBits) row = Row::of(key, spot);
        return spot;
    }

    // It will be asked about soon.
    void fetch(std::int32_t order, std::int32_t courier) const {
        __builtin_prefetch(&rows_[slot(pair_of(order, courier))]);
    }

private:
    // Four of them are a line of the processor's cache. What does not fit in is worked out each time.
    struct alignas(16) Row {
        static constexpr std::int32_t kNowhere = std::numeric_limits<std::int32_t>::max();
        static constexpr std::int32_t kMostRanks = 1 << 12, kMostOptions = 1 << 8;

        std::uint64_t key = 0;  // version and tag; no version is 0
        std::int32_t price = kNowhere;
        std::uint32_t pickup : 12 = 0;    // these three are one more than they are
        std::uint32_t delivery : 12 = 0;
        std::uint32_t option : 8 = 0;

        static bool can_hold(const Spot& spot) {
            if (!spot.found()) return true;
            return spot.price > -kNowhere && spot.price < kNowhere && spot.pickup + 1 < kMostRanks &&
                   spot.delivery + 1 < kMostRanks && spot.option + 1 < kMostOptions;
        }

        static Row of(std::uint64_t key, const Spot& spot) {
            Row row;
            row.key = key;
            if (!spot.found()) return row;
            row.price = static_cast<std::int32_t>(spot.price);
            row.pickup = static_cast<std::uint32_t>(spot.pickup + 1) % kMostRanks;
            row.delivery = static_cast<std::uint32_t>(spot.delivery + 1) % kMostRanks;
            row.option = static_cast<std::uint32_t>(spot.option + 1) % kMostOptions;
            return row;
        }

        Spot spot() const {
            if (price == kNowhere) return {};
            return {price, one_less(pickup), one_less(delivery), one_less(option)};
        }

        static std::int32_t one_less(std::uint32_t number) { return static_cast<std::int32_t>(number) - 1; }
    };

    // Direct-mapped: in a large city several pairs may share a row, told apart by a tag; that costs
    // time, never truth.
    static constexpr std::uint64_t kMost = std::uint64_t{1} << 21;
    static constexpr int kTagBits = 16;

    std::uint64_t pair_of(std::int32_t order, std::int32_t courier) const {
        return static_cast<std::uint64_t>(order) * n_couriers_ + static_cast<std::uint64_t>(courier);
    }

    std::size_t slot(std::uint64_t pair) const { return static_cast<std::size_t>(pair & (rows_.size() - 1)); }

    std::uint64_t n_couriers_ = 1;
    int n_bits_ = 0;  // of a slot
    std::vector<Row> rows_;
};

}  // namespace recourse
