// This file knows how uncertain a time is, and how late it is on average for being uncertain.
//
// The time at each stop is taken for normal; where a courier waits for a door to open, mean and
// variance become those of the later of the two (Clark 1961, 10.1287/opre.9.2.145). Whole numbers and
// a table, so that the same route has the same price on every machine.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>

#include "base.hpp"

namespace recourse {

// How uncertain ways and stops are: variance in seconds squared for each second of them.
struct Dispersion {
    std::int32_t driving = 0;
    std::int32_t serving = 0;
};

// Of the standard normal beyond z: by how much it exceeds z on average, and what share of its
// variance is left when it may not fall short of z.
class Beyond {
public:
    static constexpr std::int64_t kWidest = 6;  // on either side
    static constexpr std::int64_t kRows = 32;   // for every 1 of z
    static constexpr std::int32_t kBits = 24;   // of the fraction of z and of the mean
    static constexpr std::int32_t kLeftBits = 20;

    struct Row {
        std::int64_t mean;
        std::int64_t left;
    };

    // From a z counted from -kWidest on, in kBits.
    static Row at(std::int64_t z) {
        constexpr std::int64_t step = (std::int64_t{1} << kBits) / kRows;
        const std::array<Row, kSize>& rows = table();
        const auto k = static_cast<std::size_t>(z / step);
        const std::int64_t part = z % step;
        const auto between = [&](std::int64_t a, std::int64_t b) { return a - (a - b) * part / step; };
        return {between(rows[k].mean, rows[k + 1].mean), between(rows[k].left, rows[k + 1].left)};
    }

private:
    static constexpr std::size_t kSize = 2 * kWidest * kRows + 2;

    static const std::array<Row, kSize>& table() {
        static const std::array<Row, kSize> rows = make();
        return rows;
    }

    static std::array<Row, kSize> make() {
        std::array<Row, kSize> rows;
        for (std::size_t k = 0; k < kSize; ++k) {
            const double z = static_cast<double>(k) / kRows - kWidest;
            const double density = std::exp(-z * z / 2) / std::sqrt(2 * 3.14159265358979323846);
            const double upper = std::erfc(z / std::sqrt(2.0)) / 2;
            const double mean = density - z * upper;
            const double left = (1 + z * z) * upper - z * density - mean * mean;
            rows[k] = {rounded(std::ldexp(mean, kBits)), rounded(std::ldexp(left, kLeftBits))};
        }
        return rows;
    }

    static std::int64_t rounded(double x) { return static_cast<std::int64_t>(std::floor(x + 0.5)); }
};

// A time that is not certain, in ticks.
class Spread {
public:
    static constexpr std::int64_t kTicks = 16;  // in a second

    explicit Spread(Seconds at) : mean_(kTicks * at) {}

    void pass(Seconds seconds, std::int32_t dispersion) {
        mean_ += kTicks * seconds;
        variance_ = std::min(kMost, variance_ + kTicks * kTicks * seconds * dispersion);
    }

    // A door opens at a time.
    void wait(Seconds until) {
        const std::int64_t off = kTicks * until - mean_;
        if (is_far(off)) {
            if (off <= 0) return;
            mean_ = kTicks * until;
            variance_ = 0;
            return;
        }
        const std::int64_t deviation = root();
        const Beyond::Row row = Beyond::at(z_of(off, deviation));
        mean_ = kTicks * until + ((deviation * row.mean) >> Beyond::kBits);
        variance_ = (variance_ * row.left) >> Beyond::kLeftBits;
    }

    // Ticks after a time, on average.
    std::int64_t late(Seconds due) const {
        const std::int64_t off = kTicks * due - mean_;
        if (is_far(off)) return std::clamp(-off, std::int64_t{0}, kLatest);
        const std::int64_t deviation = root();
        return std::min(kLatest, (deviation * Beyond::at(z_of(off, deviation)).mean) >> Beyond::kBits);
    }

private:
    static constexpr std::int64_t kMost = std::int64_t{1} << 40;
    static constexpr std::int64_t kLatest = std::int64_t{1} << 24;

    // Whether a time is so far off that it is certain to be missed, or kept. Most are, and no root
    // has to be drawn for them.
    bool is_far(std::int64_t off) const {
        constexpr std::int64_t kFarthest = std::int64_t{1} << 24;  // beyond the widest there is
        if (off < -kFarthest || off > kFarthest) return true;
        return off * off >= Beyond::kWidest * Beyond::kWidest * variance_;
    }

    static std::int64_t z_of(std::int64_t off, std::int64_t deviation) {
        return ((off + Beyond::kWidest * deviation) << Beyond::kBits) / deviation;
    }

    // The standard deviation, rounded up, so that whatever is not far off is in the table.
    std::int64_t root() const {
        auto found = static_cast<std::int64_t>(std::sqrt(static_cast<double>(variance_)));
        while (found * found < variance_) ++found;
        while ((found - 1) * (found - 1) >= variance_) --found;
        return found;
    }

    std::int64_t mean_;
    std::int64_t variance_ = 0;
};

}  // namespace recourse
