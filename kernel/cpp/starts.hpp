// This file knows how often a search begins anew before it goes on from the best it has found.
//
// Where everybody has a courier, what a search ends with depends more on its first turns than on how
// long it goes on; several short ones and a last one from the best of them end lower than one long
// one. Where somebody is left out, one long search serves more: chains learn who is hard to place.
#pragma once

#include <algorithm>
#include <cstdint>

#include "params.hpp"

namespace recourse {

class Starts {
public:
    explicit Starts(const Params& params)
        : n_(params.starts_until > 0 ? params.n_starts : 1), each_(params.starts_until / std::max(1, params.n_starts)), last_(params.last_start) {}

    enum class Next { kOn, kAnew, kFromBest };

    // What happens at a point of the way (0 to 1), which never goes back.
    Next enter(double way, bool is_all_served) {
        if (n_ < 2 || is_long_) return Next::kOn;
        const auto turn = static_cast<std::int32_t>(std::min<double>(n_, way / each_));
        if (turn <= turn_) return Next::kOn;
        if (turn_ == 0 && !is_all_served) {
            is_long_ = true;
            return Next::kOn;
        }
        turn_ = turn;
        if (turn < n_) return Next::kAnew;
        began_ = way;
        return Next::kFromBest;
    }

    // How far a search is that began when the last one ended: 0 is hot, 1 is cold.
    double at(double way) const {
        if (n_ < 2 || is_long_) return way;
        if (turn_ < n_) return std::min(1.0, way / each_ - turn_);
        return began_ < 1 ? last_ + (1 - last_) * (way - began_) / (1 - began_) : 1.0;
    }

private:
    std::int32_t n_;
    double each_;  // share of the way of one of the first searches
    double last_;  // how cold the last one begins
    double began_ = 1;
    std::int32_t turn_ = 0;
    bool is_long_ = false;  // somebody was left out: this one search goes on
};

}  // namespace recourse
