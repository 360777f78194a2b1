// This file knows the small words of the kernel: units, loads, dice.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace recourse {

// Seconds and prices of one leg fit 32 bits; sums of prices do not have to.
using Seconds = std::int32_t;
using Price = std::int64_t;

inline constexpr std::size_t kDims = 4;
inline constexpr std::int32_t kNone = -1;
inline constexpr Price kNever = std::numeric_limits<Price>::max() / 4;

// What is on board, one number per dimension; dimensions nobody uses are zero.
using Load = std::array<std::int32_t, kDims>;

inline Load operator+(const Load& a, const Load& b) {
    return {a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]};
}

inline Load highest(const Load& a, const Load& b) {
    Load most;
    for (std::size_t d = 0; d < kDims; ++d) most[d] = a[d] > b[d] ? a[d] : b[d];
    return most;
}

inline bool fits(const Load& load, const Load& capacity) {
    bool ok = true;
    for (std::size_t d = 0; d < kDims; ++d) ok &= load[d] <= capacity[d];
    return ok;
}

// Whether a demand can be added to a load. A dimension the demand does not raise is not asked:
// a courier who is overloaded already may still be relieved.
inline bool has_room(const Load& load, const Load& demand, const Load& capacity) {
    bool ok = true;
    for (std::size_t d = 0; d < kDims; ++d) ok &= demand[d] <= 0 || load[d] + demand[d] <= capacity[d];
    return ok;
}

// Numbers that look random and are the same on every machine for the same seed.
// SplitMix64 (Steele, Lea and Flood 2014, 10.1145/2660193.2660195).
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    std::uint32_t bits() {
        std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return static_cast<std::uint32_t>((z ^ (z >> 31)) >> 32);
    }

    // Strictly between 0 and 1.
    double share() { return (bits() + 0.5) * (1.0 / 4294967296.0); }

    // One of 0 .. n-1.
    std::int32_t below(std::int32_t n) {
        return static_cast<std::int32_t>((static_cast<std::uint64_t>(bits()) *
                                          static_cast<std::uint64_t>(n)) >> 32);
    }

    // There must be one.
    template <class T>
    const T& one_of(const std::vector<T>& several) {
        return several[static_cast<std::size_t>(below(static_cast<std::int32_t>(several.size())))];
    }

private:
    std::uint64_t state_;
};

}  // namespace recourse
