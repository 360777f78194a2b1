// This file knows sets of small numbers.
#pragma once

#include <vector>

#include "base.hpp"

namespace recourse {

// Numbers out of 0 .. n-1 with O(1) for everything; iteration is over a plain array.
class NumberSet {
public:
    explicit NumberSet(std::int32_t n = 0) : at_(static_cast<std::size_t>(n), kNone) {}

    void grow(std::int32_t n) { at_.resize(static_cast<std::size_t>(n), kNone); }
    bool has(std::int32_t k) const { return at_[static_cast<std::size_t>(k)] != kNone; }
    const std::vector<std::int32_t>& all() const { return all_; }
    std::int32_t size() const { return static_cast<std::int32_t>(all_.size()); }
    bool empty() const { return all_.empty(); }

    bool add(std::int32_t k) {
        if (has(k)) return false;
        at_[static_cast<std::size_t>(k)] = size();
        all_.push_back(k);
        return true;
    }

    bool drop(std::int32_t k) {
        if (!has(k)) return false;
        const std::int32_t hole = at_[static_cast<std::size_t>(k)];
        const std::int32_t moved = all_.back();
        all_[static_cast<std::size_t>(hole)] = moved;
        at_[static_cast<std::size_t>(moved)] = hole;
        all_.pop_back();
        at_[static_cast<std::size_t>(k)] = kNone;
        return true;
    }

    void clear() {
        for (const std::int32_t k : all_) at_[static_cast<std::size_t>(k)] = kNone;
        all_.clear();
    }

private:
    std::vector<std::int32_t> at_;
    std::vector<std::int32_t> all_;
};

}  // namespace recourse
