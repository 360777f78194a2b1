// This file knows how to draw worlds from any bytes at all, and how to catch the kernel out.
//
// Built with the address and undefined-behaviour sanitizers. It has the entry point of libFuzzer and,
// where that is not linked in, a `main` that makes up its own bytes: `fuzz [runs] [seed]`.
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include "../cpp/kernel.hpp"

namespace recourse {

// Numbers taken from the bytes, and zero when they have run out.
class Bytes {
public:
    Bytes(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}

    std::int32_t below(std::int32_t n) {
        if (n <= 0 || end_ - at_ < 2) return 0;
        const std::int32_t drawn = at_[0] * 256 + at_[1];
        at_ += 2;
        return drawn % n;
    }
    bool is_done() const { return end_ - at_ < 2; }

private:
    const std::uint8_t* at_;
    const std::uint8_t* end_;
};

World draw(Bytes& bytes) {
    const std::int32_t n_orders = 1 + bytes.below(14), n_couriers = 1 + bytes.below(5);
    const std::int32_t n_places = 2 + bytes.below(12);
    const std::int32_t n_profiles = 1 + bytes.below(3);
    // Now and then prices are too large for what is remembered of a spot.
    const std::int32_t dear = bytes.below(4) == 0 ? 1'000 : 1, late = bytes.below(4) == 0 ? 50'000'000 : 1;
    std::vector<Travel> ways;
    for (std::int32_t p = 0; p < n_profiles; ++p) {
        std::vector<std::int32_t> time, price;
        for (std::int32_t k = 0; k < n_places * n_places; ++k) {
            time.push_back(k % (n_places + 1) == 0 ? 0 : bytes.below(200));
            price.push_back(k % (n_places + 1) == 0 ? 0 : dear * bytes.below(500));
        }
        ways.emplace_back(n_places, time.data(), price.data());
    }
    World world{std::move(ways), {}, {}, {}, {}, {}};
    if (bytes.below(3) == 0) {
        const std::int32_t first = bytes.below(400) - 100, second = first + 1 + bytes.below(600);
        for (std::int32_t p = 0; p < n_profiles; ++p)
            world.clocks.push_back(Clock({first, second}, {100 + bytes.below(1500), 100 + bytes.below(1500)}));
    }
    if (bytes.below(3) == 0) {
        for (std::int32_t p = 0; p < n_profiles; ++p) world.doubts.push_back({bytes.below(300), bytes.below(100)});
        world.doubt_permille = bytes.below(2001);
    }
    const auto visit = [&](std::int32_t order, std::int32_t more) {
        Visit one;
        one.place = bytes.below(n_places);
        one.earliest = bytes.below(500);
        one.latest = one.earliest + bytes.below(800);
        one.service = bytes.below(50);
        one.order = order;
        if (bytes.below(3) == 0) {
            one.due = one.earliest + bytes.below(600);
            one.late_price = late * bytes.below(4);
        }
        one.demand = {more, bytes.below(2), 0, 0};
        world.visits.push_back(one);
        return static_cast<std::int32_t>(world.visits.size()) - 1;
    };
    for (std::int32_t k = 0; k < n_orders; ++k) {
        Order order;
        const std::int32_t amount = bytes.below(4);
        const bool is_pair = bytes.below(2) == 1;
        const auto option = [&] {
            Option one;
            if (is_pair) one.pickup = visit(k, amount);
            one.delivery = visit(k, is_pair ? -amount : amount);
            world.visits.back().price = bytes.below(2) * bytes.below(200);
            if (is_pair) world.visits.back().demand[1] = -world.visits[static_cast<std::size_t>(one.pickup)].demand[1];
            return one;
        };
        const Option first = option();
        order.pickup = first.pickup;
        order.delivery = first.delivery;
        if (bytes.below(3) == 0) order.options = {first, option()};
        if (!is_pair && bytes.below(5) == 0) order.only_courier = bytes.below(n_couriers);
        order.unserved_price = Price{dear} * late * bytes.below(3000);
        order.move_price = bytes.below(2) * bytes.below(100);
        order.skills = static_cast<std::uint64_t>(bytes.below(3));
        world.orders.push_back(order);
    }
    for (std::int32_t k = 0; k < n_couriers; ++k) {
        Courier who;
        who.start_place = bytes.below(n_places);
        who.end_place = bytes.below(n_places + 1) - 1;
        who.profile = bytes.below(n_profiles);
        who.second_price = bytes.below(2) * bytes.below(5);
        if (bytes.below(3) == 0) {
            who.break_length = bytes.below(300);
            who.break_by = bytes.below(1500);
        }
        who.start = bytes.below(200);
        who.end = who.start + bytes.below(2500);
        who.capacity = {bytes.below(12), bytes.below(6), 0, 0};
        who.next_price = bytes.below(2) * bytes.below(60);
        who.skills = static_cast<std::uint64_t>(bytes.below(4));
        world.couriers.push_back(who);
    }
    for (std::int32_t k = 0; k < n_orders; ++k) world.own(k);
    world.note_prices();
    world.note_profiles();
    return world;
}

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "fuzz: %s\n", what);
    std::abort();
}

// When a way is done that takes so long at the usual speed: one second after the other.
Seconds go(const World& world, std::int32_t profile, Seconds leaves, Seconds way) {
    if (!world.is_timed(profile)) return leaves + way;
    const Clock& clock = world.clock(profile);
    std::int64_t left = std::int64_t{1000} * way;
    for (Seconds now = leaves;; ++now) {
        if (left <= 0) return now;
        left -= clock.speed(now);
    }
}

struct Day {
    Seconds ends = kNone;  // never, if a rule is broken
    Price price = 0;       // of lateness and of time
};

// A day with the break after a stop (0: before the first, one past the last: never).
Day day_of(const World& world, const Courier& who, const std::vector<std::int32_t>& route, std::size_t rest) {
    const Travel& travel = world.travel(who.profile);
    Seconds now = who.start;
    std::int32_t place = who.start_place;
    const bool owes = who.break_length > 0;
    Spread spread(now);
    Price price = 0;
    const auto pause = [&] {
        spread.pass(who.break_length, 0);
        now += who.break_length;
    };
    if (owes && rest == 0) pause();
    for (std::size_t k = 0; k < route.size(); ++k) {
        const Visit& visit = world.visits[static_cast<std::size_t>(route[k])];
        const Seconds there = go(world, who.profile, now, travel.times(place)[visit.place].out);
        const Seconds start = std::max(there, visit.earliest);
        if (start > visit.latest) return {};
        price += world.late_price(visit, start);
        if (world.has_doubts()) {
            const Dispersion& doubts = world.doubts[static_cast<std::size_t>(who.profile)];
            spread.pass(there - now, doubts.driving);
            spread.wait(visit.earliest);
            price += world.doubt_price(visit, start, spread);
            spread.pass(visit.service, doubts.serving);
        }
        now = start + visit.service;
        place = visit.place;
        if (!owes || rest != k + 1) continue;
        if (now > who.break_by) return {};
        pause();
    }
    if (who.end_place != kNone) now = go(world, who.profile, now, travel.times(place)[who.end_place].out);
    if (owes && rest > route.size() && now > who.break_by) return {};
    if (now > who.end) return {};
    return {now, price + who.second_price * (now - who.start)};
}

// What a route costs, stop by stop; every rule is asked again.
Price judge(const World& world, std::int32_t number, const std::vector<std::int32_t>& route) {
    const Courier& who = world.couriers[static_cast<std::size_t>(number)];
    const std::int32_t first = route.empty() ? kNone : route.front();
    Price price = who.told_next != kNone && who.told_next != first ? who.next_price : 0;
    if (route.empty()) return price;
    const Travel& travel = world.travel(who.profile);
    std::int32_t place = who.start_place;
    Load load = who.load;
    std::vector<char> visited(world.visits.size(), 0);
    for (const std::int32_t k : route) {
        const Visit& visit = world.visits[static_cast<std::size_t>(k)];
        const Order& order = world.orders[static_cast<std::size_t>(visit.order)];
        price += travel.prices(place)[visit.place].out;
        if (!has_room(load, visit.demand, who.capacity)) fail("a load is too much");
        if (!world.may_carry(order, number)) fail("somebody carries what they may not");
        visited[static_cast<std::size_t>(k)] = 1;
        price += visit.price;
        if (visit.delivers) {
            if (visit.pickup != kNone && !visited[static_cast<std::size_t>(visit.pickup)]) fail("delivered before collected");
            price += world.move_price(order, number);
        }
        load = load + visit.demand;
        place = visit.place;
    }
    if (who.end_place != kNone) price += travel.prices(place)[who.end_place].out;
    Price cheapest = kNever;
    for (std::size_t rest = 0; rest <= route.size() + 1; ++rest) {
        const Day found = day_of(world, who, route, rest);
        if (found.ends != kNone) cheapest = std::min(cheapest, found.price);
    }
    if (cheapest == kNever) fail("a window is broken, a day is too long, or a break is too late");
    return price + cheapest;
}

void judge(const Kernel& kernel) {
    const Answer& answer = kernel.search().best();
    const World& world = kernel.world();
    Price price = 0;
    std::vector<std::int32_t> n_answers(world.orders.size(), 0), n_halves(world.orders.size(), 0);
    for (std::size_t c = 0; c < answer.routes.size(); ++c) {
        price += judge(world, static_cast<std::int32_t>(c), answer.routes[c]);
        for (const std::int32_t k : answer.routes[c]) {
            const Visit& visit = world.visits[static_cast<std::size_t>(k)];
            n_answers[static_cast<std::size_t>(visit.order)] += visit.delivers ? 1 : 0;
            n_halves[static_cast<std::size_t>(visit.order)] += !visit.delivers ? 1 : visit.pickup != kNone ? -1 : 0;
        }
    }
    for (const std::int32_t k : answer.unserved) {
        price += world.orders[static_cast<std::size_t>(k)].unserved_price;
        ++n_answers[static_cast<std::size_t>(k)];
    }
    for (std::size_t k = 0; k < n_answers.size(); ++k) {
        if (n_answers[k] != 1) fail("an order has no answer, or two");
        if (n_halves[k] != 0) fail("an order is there by half");
    }
    if (price != answer.price) fail("the price kept by differences is not the price from scratch");
}

// Whoever is passed over for being full has no place for an order indeed.
void judge_rooms(const Plan& plan) {
    for (std::int32_t k = 0; k < plan.world().n_orders(); ++k)
        for (std::int32_t c = 0; c < plan.world().n_couriers(); ++c)
            if (plan.courier_of(k) != c && plan.is_full(c, k) && plan.best(k, c).found())
                fail("somebody who is said to be full has room");
}

void run(const std::uint8_t* data, std::size_t size) {
    Bytes bytes(data, size);
    Kernel kernel(draw(bytes));
    for (std::uint64_t round = 0; round < 3; ++round) {
        kernel.ask(round, Params{});
        judge(kernel);
        for (const double way : {0.0, 0.2, 0.4, 0.6, 0.8}) {
            kernel.work(8, way, way + 0.2);
            judge(kernel);
            judge_rooms(kernel.plan());
        }
        std::vector<std::int32_t> lengths, visits;
        for (const auto& route : kernel.search().best().routes) {
            lengths.push_back(static_cast<std::int32_t>(route.size()));
            visits.insert(visits.end(), route.begin(), route.end());
        }
        kernel.close();
        if (round == 2) return;
        kernel.load(lengths.data(), visits.data());
        kernel.drop_courier(bytes.below(kernel.world().n_couriers()));
    }
}

}  // namespace recourse

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    recourse::run(data, size);
    return 0;
}

#ifndef RECOURSE_LIBFUZZER
int main(int n_words, char** words) {
    const long n_runs = n_words > 1 ? std::atol(words[1]) : 1000;
    recourse::Dice dice(n_words > 2 ? std::strtoull(words[2], nullptr, 10) : 1);
    for (long k = 0; k < n_runs; ++k) {
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(200 + dice.below(1500)));
        for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(dice.bits());
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
    std::printf("%ld worlds, nothing broken\n", n_runs);
}
#endif
