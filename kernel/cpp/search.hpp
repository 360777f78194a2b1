// This file knows the search: ruin, recreate, chains, accept or go back, begin anew, remember the best.
#pragma once

#include <cmath>
#include <vector>

#include "ejection.hpp"
#include "polish.hpp"
#include "recreate.hpp"
#include "regret.hpp"
#include "ruin.hpp"
#include "starts.hpp"

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
          polish_(plan, near, params_),
          starts_(params_),
          stale_(plan.world().n_couriers()) {
        orphans_ = plan_.unserved().all();
    }

    // The first answer; everything later only betters it.
    void first() {
        Regret(plan_).run();
        best_.routes.resize(plan_.routes().size());
        for (std::int32_t c = 0; c < plan_.world().n_couriers(); ++c) stale_.add(c);
        remember();
        middle_leg_ = middle_leg();
        promising_ = params_.promising * middle_leg_;
    }

    // So many steps, while the heat falls from one point of the way (0 to 1) to another.
    void run(std::int64_t n_steps, double from, double to) {
        if (!has_work()) return;
        if (n_steps_ == 0) polish_first();
        constexpr std::int64_t kSameHeat = 32;
        for (std::int64_t k = 0; k < n_steps; ++k) {
            if (k % kSameHeat == 0) {
                const double way = from + (to - from) * static_cast<double>(k) / static_cast<double>(n_steps);
                begin_anew(starts_.enter(way, best_.unserved.empty()));
                if (is_for_room(way)) ignore_moves();
                else mind_moves();
                ruin_.measure();
                const double at = starts_.at(way);
                set_sideways(at);
                p_focus_orphan_ = params_.p_focus_orphan * (1 - at);
                heat_ = middle_leg_ * params_.heat_start * std::pow(params_.heat_end / params_.heat_start, at);
            }
            step();
        }
        n_steps_ += n_steps;
    }

    const Answer& best() const {
        return champion_.price < best_.price || !plan_.world().minds_moves ? champion_ : best_;
    }
    std::int64_t n_steps() const { return n_steps_; }
    std::int64_t n_removed() const { return n_removed_; }

private:
    bool has_work() const { return plan_.world().n_orders() > 0 && plan_.world().n_couriers() > 0; }

    // What regret left is bettered by small moves before anything is ruined.
    void polish_first() {
        polish_.run_all();
        if (plan_.is_sound() && plan_.price() < best_.price) accept();
        else plan_.undo();
        start_ = best_;
    }

    // Where somebody is left out, who carries what does not count now and then: to make room comes
    // before to leave everybody what they were told.
    bool is_for_room(double way) const {
        if (!plan_.world().has_moves || best_.unserved.empty() || way >= 1) return false;
        const double part = way * params_.n_free - std::floor(way * params_.n_free);
        return part < params_.free_share;
    }

    void ignore_moves() {
        if (!plan_.world().minds_moves) return;
        go_back(std::vector<std::int32_t>(stale_.all()), best_);
        if (best_.price < champion_.price) champion_ = best_;
        plan_.mind_moves(false);
        best_.price = plan_.price();
    }

    // It counts again, and the search goes on from the best of before or of meanwhile.
    void mind_moves() {
        if (plan_.world().minds_moves) return;
        go_back(std::vector<std::int32_t>(stale_.all()), best_);
        plan_.mind_moves(true);
        best_.price = plan_.price();
        if (champion_.price < best_.price) go_to(champion_);
    }

    // What is best is kept, and the search goes on from its start or from the best of all.
    void begin_anew(Starts::Next next) {
        if (next == Starts::Next::kOn) return;
        mind_moves();
        if (best_.price < champion_.price) champion_ = best_;
        go_to(next == Starts::Next::kAnew ? start_ : champion_);
    }

    void go_to(const Answer& to) {
        std::vector<std::int32_t> others;
        for (std::int32_t c = 0; c < plan_.world().n_couriers(); ++c)
            if (!is_route(c, to.routes[static_cast<std::size_t>(c)])) others.push_back(c);
        go_back(others, to);
        best_ = to;
    }

    bool is_route(std::int32_t courier, const std::vector<std::int32_t>& visits) const {
        const Route& route = plan_.route(courier);
        if (route.size() != static_cast<std::int32_t>(visits.size())) return false;
        std::int32_t rank = 0;
        return std::all_of(visits.begin(), visits.end(), [&](std::int32_t one) { return route.at(++rank).visit == one; });
    }

    // How much dearer the plan may get to exchange who is left out; in the end, nothing: what was
    // spent on it and did not pay is taken back.
    void set_sideways(double at) {
        const double left = std::max(0.0, 1 - at / params_.sideways_until);
        if (left == 0 && sideways_ > 0) go_back(std::vector<std::int32_t>(stale_.all()), best_);
        sideways_ = params_.sideways * middle_leg_ * left;
    }

    // Some couriers get the routes of an answer, which are those of the others already.
    void go_back(const std::vector<std::int32_t>& couriers, const Answer& to) {
        plan_.reload(couriers, [&](std::int32_t c) -> const std::vector<std::int32_t>& {
            return to.routes[static_cast<std::size_t>(c)];
        });
        plan_.keep();
        stale_.clear();
    }

    // What a step began with.
    struct Before {
        Price price;
        std::int64_t hardness;
        std::int32_t n_out;
    };

    Before before() const { return {plan_.price(), chains_.hardness(), plan_.unserved().size()}; }

    // Whether those without a courier are easier to place than before, and not more, for a plan that
    // is not much dearer than the best.
    bool is_easier(const Before& was) const {
        return was.n_out > 0 && plan_.unserved().size() <= was.n_out && chains_.hardness() < was.hardness &&
               static_cast<double>(plan_.price()) < static_cast<double>(best_.price) + sideways_;
    }

    void step() {
        if (wants_chain(params_.p_chain)) push_in();
        const Before was = before();
        recreate_.before();
        const std::int32_t seed = seed_order();
        std::int32_t favourite = kNone, from_place = kNone;
        const std::int32_t stray = wants_strays() ? stray_near(seed) : kNone;
        if (stray != kNone) {
            ruin_.strays(stray);
        } else if (dice_.share() < p_group(seed)) {
            ruin_.group(seed);
            const std::vector<std::int32_t>& couriers = near_.couriers(seed);
            favourite = dice_.one_of(couriers);
            from_place = meeting_point(seed);
        } else if (is_stranded(seed) && dice_.share() < params_.p_both_ends) {
            ruin_.both_ends(seed);
        } else {
            ruin_.around(seed);
        }
        n_removed_ += static_cast<std::int64_t>(ruin_.removed.size());
        const double limit = static_cast<double>(was.price) - heat_ * std::log(dice_.share());
        const auto near_enough = static_cast<Price>(std::max(limit, static_cast<double>(was.price) + promising_));
        if (!recreate_.run(near_enough, favourite, from_place)) {
            plan_.undo();
            return;
        }
        if (wants_chain(params_.p_eject)) run_chain();
        if (plan_.price() != was.price && plan_.price() <= near_enough) polish_.run(ruin_.removed);
        const bool is_wanted = static_cast<double>(plan_.price()) < limit || is_easier(was);
        chains_.count_unserved();
        if (plan_.is_sound() && is_wanted) accept();
        else plan_.undo();
    }

    // Chains that find nothing make the next ones rarer, until an order has been served that was not.
    bool wants_chain(double p) {
        if (plan_.unserved().empty()) return false;
        return dice_.share() < p * params_.patience / (params_.patience + static_cast<double>(n_in_vain_));
    }

    void run_chain() {
        ++n_in_vain_;
        chains_.run();
    }

    // A chain by itself: nothing is taken out but what is pushed out.
    void push_in() {
        const Before was = before();
        run_chain();
        if (plan_.is_sound() && (plan_.price() < was.price || is_easier(was))) accept();
        else plan_.undo();
    }

    std::int32_t seed_order() {
        const double drawn = dice_.share();
        const std::vector<std::int32_t>& out = plan_.unserved().all();
        if (!out.empty() && drawn < params_.p_focus_unserved) return dice_.one_of(out);
        if (!orphans_.empty() && drawn < params_.p_focus_unserved + p_focus_orphan_)
            return dice_.one_of(orphans_);
        return dice_.below(plan_.world().n_orders());
    }

    // Where change costs nothing, no die is thrown for it.
    bool wants_strays() { return plan_.world().counts_moves() && dice_.share() < params_.p_return; }

    // A parcel that has to be collected, and has no courier yet.
    bool is_stranded(std::int32_t order) const {
        return plan_.order(order).pickup != kNone && plan_.courier_of(order) == kNone;
    }

    // What waits at one place is best fetched by one courier, or by few.
    double p_group(std::int32_t seed) const {
        return ruin_.waits_with_others(seed) ? params_.p_together : params_.p_group;
    }

    // An order, or one near it, that is not with whoever was told to carry it and still could.
    std::int32_t stray_near(std::int32_t seed) const {
        const auto has_strayed = [&](std::int32_t k) {
            const std::int32_t former = plan_.world().former_courier(plan_.order(k));
            return former != kNone && plan_.courier_of(k) != kNone && plan_.courier_of(k) != former;
        };
        if (has_strayed(seed)) return seed;
        const std::vector<std::int32_t>& near = near_.orders(seed);
        const auto found = std::find_if(near.begin(), near.end(), has_strayed);
        return found == near.end() ? kNone : *found;
    }

    // One of the places where an order could be taken up, if there are several.
    std::int32_t meeting_point(std::int32_t order) {
        const std::vector<Option>& options = plan_.order(order).options;
        if (options.empty()) return kNone;
        return plan_.world().first_place(dice_.one_of(options));
    }

    void accept() {
        for (const std::int32_t c : plan_.touched()) stale_.add(c);
        plan_.keep();
        if (plan_.price() >= best_.price) return;
        if (plan_.unserved().size() < static_cast<std::int32_t>(best_.unserved.size())) n_in_vain_ = 0;
        remember();
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
        if (!plan_.world().minds_moves) remember_with_moves();
    }

    // The best of all is compared at the price it has when everything counts.
    void remember_with_moves() {
        const Price moves = plan_.moves_price();
        if (best_.price + moves >= champion_.price) return;
        champion_ = best_;
        champion_.price += moves;
    }

    // The median leg: what a visit costs here, whatever a few long ways cost.
    double middle_leg() const {
        const auto price_of = [](const Route& route, const Stop& stop) {
            return stop.leg_price + route.second_price * stop.leg_s;
        };
        std::vector<Price> legs;
        for (const Route& route : plan_.routes())
            for (std::int32_t k = 1; k <= route.size(); ++k) legs.push_back(price_of(route, route.at(k)));
        if (legs.empty()) return 1.0;
        const auto middle = legs.begin() + static_cast<std::ptrdiff_t>(legs.size() / 2);
        std::nth_element(legs.begin(), middle, legs.end());
        return std::max(1.0, static_cast<double>(*middle));
    }

    Plan& plan_;
    const Neighbours& near_;
    Params params_;
    Dice dice_;
    Ruin ruin_;
    Recreate recreate_;
    Chains chains_;
    Polish polish_;
    Starts starts_;
    NumberSet stale_;
    std::vector<std::int32_t> orphans_;
    Answer start_;     // what every search begins with
    Answer best_;      // of this one
    Answer champion_{{}, {}, kNever};  // of those before
    double middle_leg_ = 1;
    double promising_ = 0;
    double sideways_ = 0;
    double p_focus_orphan_ = 0;
    double heat_ = 0;
    std::int64_t n_in_vain_ = 0;
    std::int64_t n_steps_ = 0;
    std::int64_t n_removed_ = 0;
};

}  // namespace recourse
