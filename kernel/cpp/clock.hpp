// This file knows how long a way takes at the time of day it is gone: fast by night, slow at rush hour.
//
// Speeds, not times, are given for each period, so who leaves later never arrives earlier (Ichoua,
// Gendreau and Potvin 2003, 10.1016/S0377-2217(02)00147-9). Every result is a whole second.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "base.hpp"

namespace recourse {

class Clock {
public:
    // No period at all: a way takes what it takes.
    Clock() = default;

    // When each period begins, the first of them for ever before too, and the speed in it in
    // thousandths of the usual.
    Clock(std::vector<Seconds> begins, std::vector<std::int32_t> speeds)
        : begins_(std::move(begins)), speeds_(std::move(speeds)), gone_(begins_.size(), 0) {
        for (std::size_t k = 1; k < begins_.size(); ++k)
            gone_[k] = gone_[k - 1] + static_cast<std::int64_t>(begins_[k] - begins_[k - 1]) * speeds_[k - 1];
    }

    bool empty() const { return begins_.empty(); }

    // Thousandths of the usual.
    std::int32_t speed(Seconds at) const { return speeds_[period(at)]; }

    // When whoever leaves now has gone a way that takes so long at the usual speed.
    Seconds arrive(Seconds leaves, Seconds way) const {
        if (empty() || way <= 0) return leaves + way;
        const std::int64_t goal = gone_by(leaves) + std::int64_t{kUsual} * way;
        const std::size_t k = last_before(goal - 1);
        return clip(begins_[k] - floor_of(gone_[k] - goal, speeds_[k]));
    }

    // The latest start of a way that arrives by then.
    Seconds leave_by(Seconds arrives, Seconds way) const {
        if (empty() || way <= 0) return arrives - way;
        const std::int64_t goal = gone_by(arrives) - std::int64_t{kUsual} * way;
        const std::size_t k = last_before(goal);
        return clip(begins_[k] + floor_of(goal - gone_[k], speeds_[k]));
    }

private:
    static constexpr std::int32_t kUsual = 1000;
    static constexpr std::int64_t kFarAway = std::int64_t{1} << 30;

    static Seconds clip(std::int64_t at) { return static_cast<Seconds>(std::clamp(at, -kFarAway, kFarAway)); }

    // Thousandths of a second at usual speed that could have been gone by then.
    std::int64_t gone_by(Seconds at) const {
        const std::size_t k = period(at);
        return gone_[k] + static_cast<std::int64_t>(at - begins_[k]) * speeds_[k];
    }

    std::size_t period(Seconds at) const {
        std::size_t k = begins_.size() - 1;
        while (k > 0 && begins_[k] > at) --k;
        return k;
    }

    std::size_t last_before(std::int64_t gone) const {
        std::size_t k = gone_.size() - 1;
        while (k > 0 && gone_[k] > gone) --k;
        return k;
    }

    static std::int64_t floor_of(std::int64_t a, std::int64_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

    std::vector<Seconds> begins_;
    std::vector<std::int32_t> speeds_;
    std::vector<std::int64_t> gone_;  // by the beginning of each period
};

}  // namespace recourse
