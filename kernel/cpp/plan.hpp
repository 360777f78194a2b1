// This file knows a whole plan: every route, who has which order, who has none, and how to go back.
#pragma once

#include <algorithm>
#include <vector>

#include "number_set.hpp"
#include "spot_cache.hpp"

namespace recourse {

class Plan {
public:
    explicit Plan(World& world) : world_(world) { reset(); }

    // Every courier empty, every open order without a courier.
    void reset() {
        const World& w = world_;
        routes_.assign(w.couriers.size(), Route{});
        saved_.resize(w.couriers.size());
        told_.resize(w.couriers.size());
        rooms_.resize(w.couriers.size());
        touched_ = NumberSet(w.n_couriers());
        strayed_ = NumberSet(w.n_couriers());
        unserved_ = NumberSet(w.n_orders());
        route_of_.assign(w.orders.size(), kNone);
        price_ = 0;
        cache_.fit(w.n_orders(), w.n_couriers());
        for (std::int32_t c = 0; c < w.n_couriers(); ++c) open(c);
        for (std::int32_t k = 0; k < w.n_orders(); ++k)
            if (w.orders[static_cast<std::size_t>(k)].open) leave_out(k);
        settle();
    }

    const World& world() const { return world_; }
    const Route& route(std::int32_t courier) const { return routes_[static_cast<std::size_t>(courier)]; }
    const std::vector<Route>& routes() const { return routes_; }
    std::int32_t courier_of(std::int32_t order) const { return route_of_[static_cast<std::size_t>(order)]; }
    const NumberSet& unserved() const { return unserved_; }
    Price price() const { return price_; }
    const std::vector<std::int32_t>& touched() const { return touched_.all(); }
    bool is_touched(std::int32_t courier) const { return touched_.has(courier); }

    const Order& order(std::int32_t number) const { return world_.orders[static_cast<std::size_t>(number)]; }
    const Visit& visit(std::int32_t number) const { return world_.visits[static_cast<std::size_t>(number)]; }

    // Give a courier exactly these visits.
    void load(std::int32_t courier, const std::int32_t* visits, std::int32_t n) {
        Route& r = touch(courier);
        for (std::int32_t k = 0; k < n; ++k) {
            r.put(world_, k, visits[k]);
            world_.choose(visits[k]);
            take_in(visit(visits[k]).order, courier);
        }
        finish(r);
    }

    // Give several couriers other visits; an order of theirs that nobody is given has no courier.
    template <class RoutesOf>
    void reload(const std::vector<std::int32_t>& couriers, RoutesOf visits_of) {
        for (const std::int32_t c : couriers) {
            Route& r = touch(c);
            for (const Stop& stop : r.stops)
                if (stop.visit != kNone) leave_out(visit(stop.visit).order);
            r.take_out(world_, [](std::int32_t) { return true; });
        }
        for (const std::int32_t c : couriers) {
            const std::vector<std::int32_t>& visits = visits_of(c);
            load(c, visits.data(), static_cast<std::int32_t>(visits.size()));
        }
    }

    template <class Eyes>
    Spot best(std::int32_t number, std::int32_t courier, Price bound, Eyes& eyes,
              std::int32_t from_place = kNone) const {
        return best_spot(world_, route(courier), order(number), bound, eyes, from_place);
    }

    Spot best(std::int32_t number, std::int32_t courier) const {
        Unblinking eyes;
        return best(number, courier, kNever, eyes);
    }

    // The same from memory; only for routes that have not changed since the last `keep`.
    Spot cached(std::int32_t number, std::int32_t courier) {
        const std::uint64_t newest = std::max({route(courier).version, order(number).version, world_.version});
        return cache_.get(number, courier, newest, [&] { return best(number, courier); });
    }

    // Whether a courier can be passed over for an order: no room, wherever it would go. Whoever is not
    // full may still have no place for it.
    bool is_full(std::int32_t courier, std::int32_t number) const {
        const Order& what = order(number);
        if (what.pickup != kNone || !what.options.empty()) return false;
        return !has_room({}, visit(what.delivery).demand, rooms_[static_cast<std::size_t>(courier)]);
    }

    // The best place of an order in a route will be asked for soon: what that takes from memory is
    // under way meanwhile.
    void fetch(std::int32_t number, std::int32_t courier) const {
        if (is_touched(courier)) __builtin_prefetch(route(courier).stops.data());
        else cache_.fetch(number, courier);
    }

    void insert(std::int32_t number, std::int32_t courier, const Spot& spot) {
        Route& r = touch(courier);
        const Order& what = order(number);
        if (spot.option != kNone) world_.choose(what.options[static_cast<std::size_t>(spot.option)].delivery);
        r.put(world_, spot.delivery, what.delivery);
        if (what.pickup != kNone) r.put(world_, spot.pickup, what.pickup);
        take_in(number, courier);
        finish(r);
    }

    // Take orders out of one route; all of them must be in it.
    void remove(std::int32_t courier, const std::vector<std::int32_t>& numbers) {
        Route& r = touch(courier);
        for (const std::int32_t k : numbers) leave_out(k);
        r.take_out(world_, [&](std::int32_t one) { return unserved_.has(visit(one).order); });
        finish(r);
    }

    // Swap what comes after two ranks of two routes.
    void cross(std::int32_t one, std::int32_t after_one, std::int32_t other, std::int32_t after_other) {
        Route &a = touch(one), &b = touch(other);
        Route::swap_tails(world_, a, after_one, b, after_other);
        for (const std::int32_t c : {one, other})
            for (const Stop& stop : route(c).stops)
                if (stop.visit != kNone) route_of_[order_of(stop)] = c;
        finish(a);
        finish(b);
    }

    // Two routes and the orders in them, to come back to. Other routes may not change in between.
    struct Pair {
        Route one, other;
    };

    Pair save(std::int32_t one, std::int32_t other) const { return {route(one), route(other)}; }

    void restore(const Pair& kept) {
        for (const Route* old : {&kept.one, &kept.other}) {
            price_ += old->price - route(old->courier).price;
            route_ref(old->courier) = *old;
            note_room(*old);
            for (const Stop& stop : old->stops) {
                if (stop.visit == kNone) continue;
                take_in(visit(stop.visit).order, old->courier);
                world_.choose(stop.visit);
            }
        }
    }

    bool is_sound() const {
        return std::all_of(touched().begin(), touched().end(),
                           [&](std::int32_t courier) { return route(courier).sound; });
    }

    // From here on, `undo` comes back to this.
    void keep() {
        for (const std::int32_t c : touched()) route_ref(c).version = next_version();
        touched_.clear();
        saved_unserved_ = unserved_.all();
        saved_price_ = price_;
    }

    void undo() {
        swap_back(touched_, saved_);
        touched_.clear();
        unserved_.clear();
        for (const std::int32_t k : saved_unserved_) unserved_.add(k);
        price_ = saved_price_;
    }

    // What the plan says now is what has been decided; `back` comes back to this.
    void settle() {
        keep();
        forget_options();
        strayed_.clear();
        told_unserved_ = unserved_.all();
        told_price_ = price_;
    }

    // Forget everything since `settle`, in time proportional to the routes that strayed.
    void back() {
        undo();
        swap_back(strayed_, told_);
        strayed_.clear();
        unserved_.clear();
        for (const std::int32_t k : told_unserved_) unserved_.add(k);
        price_ = told_price_;
        forget_options();
        keep();
        if (world_.minds_moves) return;
        world_.minds_moves = true;
        ways_changed();
    }

    // The first stop has begun: it is no longer part of the route, and not without a courier either.
    void begin(std::int32_t courier) {
        Route& r = touch(courier);
        const std::int32_t started = r.at(1).visit;
        r.take_out(world_, [&](std::int32_t one) { return one == started; });
        if (order(visit(started).order).delivery == started) route_of_[order_of(started)] = kNone;
        finish(r);
    }

    // An order is no longer anybody's business.
    void forget(std::int32_t number) {
        if (courier_of(number) != kNone) remove(courier_of(number), {number});
        if (unserved_.drop(number)) price_ -= order(number).unserved_price;
    }

    // The last order of the world is new, and has no courier.
    void add_order() {
        const std::int32_t added = world_.n_orders() - 1;
        unserved_.grow(world_.n_orders());
        route_of_.push_back(kNone);
        cache_.fit(world_.n_orders(), world_.n_couriers());
        leave_out(added);
        settle();
    }

    // The last courier of the world is new, and has nothing to do.
    void add_courier() {
        const std::int32_t added = world_.n_couriers() - 1;
        for (std::vector<Route>* routes : {&routes_, &saved_, &told_}) routes->emplace_back();
        touched_.grow(world_.n_couriers());
        strayed_.grow(world_.n_couriers());
        cache_.fit(world_.n_orders(), world_.n_couriers());
        rooms_.emplace_back();
        open(added);
        settle();
    }

    // What was known about an order, or about ways, is no longer so: no place that was worked out
    // before is remembered. A route that comes back is older than this, and is remembered under it.
    void order_changed(std::int32_t number) { world_.orders[static_cast<std::size_t>(number)].version = next_version(); }
    void ways_changed() { world_.version = next_version(); }

    // Ways have changed: look up those of a route again.
    void relink(std::int32_t courier) { touch(courier).relink(world_); }

    // Whether moved orders count in every price from here on, or not for the time being.
    void mind_moves(bool minds) {
        if (!world_.has_moves || world_.minds_moves == minds) return;
        world_.minds_moves = minds;
        ways_changed();
        for (std::int32_t c = 0; c < world_.n_couriers(); ++c) finish(touch(c));
        keep();
    }

    // What it costs that others carry orders than were told.
    Price moves_price() const {
        Price sum = 0;
        for (std::int32_t k = 0; world_.has_moves && k < world_.n_orders(); ++k)
            if (courier_of(k) != kNone) sum += world_.move_price(order(k), courier_of(k));
        return sum;
    }

    // Facts about a courier have changed: work the route out again.
    void refresh(std::int32_t courier) {
        Route& r = touch(courier);
        r.set_ends(world_);
        finish(r);
    }

private:
    std::uint64_t next_version() { return ++last_version_; }
    Route& route_ref(std::int32_t courier) { return routes_[static_cast<std::size_t>(courier)]; }
    std::size_t order_of(std::int32_t number) const { return static_cast<std::size_t>(visit(number).order); }
    std::size_t order_of(const Stop& stop) const { return static_cast<std::size_t>(visit(stop.visit).order); }

    Route& touch(std::int32_t courier) {
        if (touched_.add(courier)) saved_[static_cast<std::size_t>(courier)] = route(courier);
        if (strayed_.add(courier)) told_[static_cast<std::size_t>(courier)] = route(courier);
        return route_ref(courier);
    }

    // Nothing an earlier search tried may show in a later one: who has no courier begins with the first
    // option again.
    void forget_options() {
        for (const std::int32_t k : unserved_.all()) world_.choose_first(k);
    }

    void swap_back(const NumberSet& couriers, std::vector<Route>& kept) {
        for (const std::int32_t c : couriers.all())
            for (const Stop& stop : route(c).stops)
                if (stop.visit != kNone) route_of_[order_of(stop)] = kNone;
        for (const std::int32_t c : couriers.all()) {
            std::swap(route_ref(c), kept[static_cast<std::size_t>(c)]);
            note_room(route(c));
            for (const Stop& stop : route(c).stops) {
                if (stop.visit == kNone) continue;
                route_of_[order_of(stop)] = c;
                world_.choose(stop.visit);
            }
        }
    }

    void open(std::int32_t courier) {
        Route& r = route_ref(courier);
        r.open(world_, courier);
        r.version = next_version();
        price_ += r.price;
        note_room(r);
    }

    void finish(Route& r) {
        const Price before = r.price;
        r.recompute(world_);
        price_ += r.price - before;
        note_room(r);
    }

    // What is on board at the end of the day is so at every place where something could be added.
    void note_room(const Route& r) {
        const Load& most = world_.couriers[static_cast<std::size_t>(r.courier)].capacity;
        const Load& at_end = r.peak_from(r.size());
        Load& room = rooms_[static_cast<std::size_t>(r.courier)];
        for (std::size_t d = 0; d < kDims; ++d) room[d] = most[d] - at_end[d];
    }

    void take_in(std::int32_t number, std::int32_t courier) {
        if (unserved_.drop(number)) price_ -= order(number).unserved_price;
        route_of_[static_cast<std::size_t>(number)] = courier;
    }

    void leave_out(std::int32_t number) {
        if (unserved_.add(number)) price_ += order(number).unserved_price;
        route_of_[static_cast<std::size_t>(number)] = kNone;
    }

    World& world_;
    std::vector<Route> routes_;
    std::vector<Route> saved_;  // of `touched_`, as they were at `keep`
    std::vector<Route> told_;   // of `strayed_`, as they were at `settle`
    std::vector<Load> rooms_;   // what each could carry more from the beginning of the day to its end
    NumberSet touched_;
    NumberSet strayed_;
    NumberSet unserved_;
    std::vector<std::int32_t> saved_unserved_;
    std::vector<std::int32_t> told_unserved_;
    std::vector<std::int32_t> route_of_;
    SpotCache cache_;
    Price price_ = 0;
    Price saved_price_ = 0;
    Price told_price_ = 0;
    std::uint64_t last_version_ = 0;
};

}  // namespace recourse
