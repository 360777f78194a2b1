// This file knows the search: ruin, recreate, chains, accept or go back, remember the best.
#pragma once

#include <cmath>
#include <vector>

#include "ejection.hpp"
#include "recreate.hpp"
#include "regret.hpp"
#include "ruin.hpp"

namespace recourse {

struct Answer {
    std::vector<std::vector<std::int32_t>> routes;
    std::vector<std::int32_t> unserved;
    Price price = 0;
};

class Search {
public:
    Search(Plan& plan, const Neighbours& near, const Params& params, std::uint64_t seed)
        : plan_(plan),
          near_(near),
          params_(params),
          dice_(seed),
          ruin_(plan, near, params_, dice_),
          recreate_(plan, near, params_, dice_),
          chains_(plan, near, dice_),
          stale_(plan.world().n_couriers()) {
        orphans_ = plan_.unserved().all();
    }

    // The first answer; everything later only betters it.
    void first() {
        Regret(plan_).run();
        best_.routes.resize(plan_.routes().size());
        for (std::int32_t c = 0; c < plan_.world().n_couriers(); ++c) stale_.add(c);
        remember();
        mean_leg_ = mean_leg();
    }

    // So many steps, while the heat falls from one point of the way (0 to 1) to another.
    void run(std::int64_t n_steps, double from, double to) {
        if (!has_work()) return;
        constexpr std::int64_t kSameHeat = 32;
        for (std::int64_t k = 0; k < n_steps; ++k) {
            if (k % kSameHeat == 0) {
                ruin_.measure();
                const double at = from + (to - from) * static_cast<double>(k) / static_cast<double>(n_steps);
                heat_ = mean_leg_ * params_.heat_start * std::pow(params_.heat_end / params_.heat_start, at);
            }
            step();
        }
        n_steps_ += n_steps;
    }

    const Answer& best() const { return best_; }
    std::int64_t n_steps() const { return n_steps_; }
    std::int64_t n_removed() const { return n_removed_; }

private:
    bool has_work() const { return plan_.world().n_orders() > 0 && plan_.world().n_couriers() > 0; }

    void step() {
        const Price before = plan_.price();
        recreate_.before();
        ruin_.around(seed_order());
        n_removed_ += static_cast<std::int64_t>(ruin_.removed.size());
        recreate_.run();
        if (!plan_.unserved().empty() && dice_.share() < params_.p_eject) chains_.run();
        const double limit = static_cast<double>(before) - heat_ * std::log(dice_.share());
        chains_.count_unserved();
        if (plan_.is_sound() && static_cast<double>(plan_.price()) < limit) accept();
        else plan_.undo();
    }

    std::int32_t seed_order() {
        const double drawn = dice_.share();
        const std::vector<std::int32_t>& out = plan_.unserved().all();
        if (!out.empty() && drawn < params_.p_focus_unserved) return pick(out);
        if (!orphans_.empty() && drawn < params_.p_focus_unserved + params_.p_focus_orphan)
            return pick(orphans_);
        return dice_.below(plan_.world().n_orders());
    }

    std::int32_t pick(const std::vector<std::int32_t>& from) {
        return from[static_cast<std::size_t>(dice_.below(static_cast<std::int32_t>(from.size())))];
    }

    void accept() {
        for (const std::int32_t c : plan_.touched()) stale_.add(c);
        plan_.keep();
        if (plan_.price() < best_.price) remember();
    }

    // Only routes that changed since the last best are copied.
    void remember() {
        for (const std::int32_t c : stale_.all()) {
            std::vector<std::int32_t>& kept = best_.routes[static_cast<std::size_t>(c)];
            kept.clear();
            for (const Stop& stop : plan_.route(c).stops)
                if (stop.visit != kNone) kept.push_back(stop.visit);
        }
        stale_.clear();
        best_.unserved = plan_.unserved().all();
        best_.price = plan_.price();
    }

    double mean_leg() const {
        double sum = 0, n = 0;
        for (const Route& route : plan_.routes())
            for (std::int32_t k = 1; k <= route.size() + 1 && !route.empty(); ++k) {
                sum += route.at(k).leg_price;
                n += 1;
            }
        return n > 0 ? std::max(1.0, sum / n) : 1.0;
    }

    Plan& plan_;
    const Neighbours& near_;
    Params params_;
    Dice dice_;
    Ruin ruin_;
    Recreate recreate_;
    Chains chains_;
    NumberSet stale_;
    std::vector<std::int32_t> orphans_;
    Answer best_;
    double mean_leg_ = 1;
    double heat_ = 0;
    std::int64_t n_steps_ = 0;
    std::int64_t n_removed_ = 0;
};

}  // namespace recourse
