// This file knows how Python sees the kernel: arrays in, arrays out, no lock held while it works.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <optional>

#include "kernel.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace recourse {

using Ints = nb::ndarray<const std::int32_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Square = nb::ndarray<const std::int32_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Cube = nb::ndarray<const std::int32_t, nb::ndim<3>, nb::c_contig, nb::device::cpu>;
using Prices = nb::ndarray<const std::int64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using Wide = nb::ndarray<const std::int64_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Bits = nb::ndarray<const std::uint64_t, nb::ndim<1>, nb::c_contig, nb::device::cpu>;

Load load_of(const Square& rows, std::size_t k) {
    Load load{};
    for (std::size_t d = 0; d < std::min(kDims, rows.shape(1)); ++d) load[d] = rows(k, d);
    return load;
}

// Columns: place, earliest, latest, service, due, late price, price.
Visit visit_of(const Square& facts, const Square& demand, std::size_t k) {
    Visit visit;
    visit.place = facts(k, 0);
    visit.earliest = facts(k, 1);
    visit.latest = facts(k, 2);
    visit.service = facts(k, 3);
    visit.due = facts(k, 4);
    visit.late_price = facts(k, 5);
    visit.price = facts(k, 6);
    visit.demand = load_of(demand, k);
    return visit;
}

// Columns: pickup, delivery, only courier.
Order order_of(const Square& facts, const Prices& unserved, const Prices& move, const Bits& skills, std::size_t k) {
    Order order;
    order.pickup = facts(k, 0);
    order.delivery = facts(k, 1);
    order.only_courier = facts(k, 2);
    order.unserved_price = unserved(k);
    order.move_price = move(k);
    order.skills = skills(k);
    return order;
}

// Columns: start place, start, end place, end, profile, break, by when. Columns of prices: next stop, second.
Courier courier_of(const Square& facts, const Square& capacity, const Square& load, const Wide& prices,
                   const Bits& skills, std::size_t k) {
    Courier who;
    who.start_place = facts(k, 0);
    who.start = facts(k, 1);
    who.end_place = facts(k, 2);
    who.end = facts(k, 3);
    who.profile = facts(k, 4);
    who.break_length = facts(k, 5);
    who.break_by = facts(k, 6);
    who.capacity = load_of(capacity, k);
    who.load = load_of(load, k);
    who.next_price = prices(k, 0);
    who.second_price = prices(k, 1);
    who.skills = skills(k);
    return who;
}

// One thing for every row.
template <class Thing, class Make>
std::vector<Thing> all_of(const Square& facts, Make make) {
    std::vector<Thing> things;
    for (std::size_t k = 0; k < facts.shape(0); ++k) things.push_back(make(k));
    return things;
}

// Columns: order, pickup, delivery; what an order has already comes first.
void add_options(std::vector<Order>& orders, const Square& rows) {
    for (std::size_t k = 0; k < rows.shape(0); ++k) {
        Order& order = orders[static_cast<std::size_t>(rows(k, 0))];
        if (order.options.empty()) order.options.push_back({order.pickup, order.delivery});
        order.options.push_back({rows(k, 1), rows(k, 2)});
    }
}

std::vector<Travel> ways_of(const Cube& time, const std::optional<Cube>& price) {
    std::vector<Travel> ways;
    const std::size_t square = time.shape(1) * time.shape(2);
    for (std::size_t p = 0; p < time.shape(0); ++p)
        ways.emplace_back(static_cast<std::int32_t>(time.shape(1)), time.data() + p * square,
                          price ? price->data() + p * square : nullptr);
    return ways;
}

// Nothing where there is no period. A row of speeds for each profile.
std::vector<Clock> clocks_of(const Ints& begins, const Square& speeds) {
    std::vector<Clock> clocks;
    if (begins.shape(0) == 0) return clocks;
    for (std::size_t p = 0; p < speeds.shape(0); ++p) {
        const std::int32_t* row = speeds.data() + p * speeds.shape(1);
        clocks.emplace_back(std::vector<Seconds>(begins.data(), begins.data() + begins.shape(0)),
                            std::vector<std::int32_t>(row, row + speeds.shape(1)));
    }
    return clocks;
}

// Columns: of driving, of serving.
std::vector<Dispersion> doubts_of(const Square& rows) {
    return all_of<Dispersion>(rows, [&](std::size_t p) { return Dispersion{rows(p, 0), rows(p, 1)}; });
}

World world_of(const Cube& time, const std::optional<Cube>& price, std::vector<Visit> visits,
               std::vector<Order> orders, std::vector<Courier> couriers, const Square& options) {
    add_options(orders, options);
    World world{ways_of(time, price), std::move(visits), std::move(orders), std::move(couriers), {}, {}};
    for (std::int32_t k = 0; k < world.n_orders(); ++k) world.own(k);
    world.note_prices();
    world.note_profiles();
    return world;
}

nb::object array_of(const std::vector<std::int32_t>& numbers) {
    auto* kept = new std::vector<std::int32_t>(numbers);
    nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<std::int32_t>*>(p); });
    const std::size_t shape[1] = {kept->size()};
    return nb::cast(nb::ndarray<nb::numpy, std::int32_t, nb::ndim<1>>(kept->data(), 1, shape, owner));
}

// Lengths and visits of the routes as they were told.
nb::tuple told_of(Kernel& kernel) {
    kernel.close();
    std::vector<std::int32_t> lengths, visits;
    for (const Route& route : kernel.plan().routes()) {
        lengths.push_back(route.size());
        for (const Stop& stop : route.stops)
            if (stop.visit != kNone) visits.push_back(stop.visit);
    }
    return nb::make_tuple(array_of(lengths), array_of(visits));
}

// Lengths and visits of all routes, one behind the other, and the orders without a courier.
nb::tuple answer_of(const Kernel& kernel) {
    const Answer& best = kernel.search().best();
    std::vector<std::int32_t> lengths, visits;
    for (const std::vector<std::int32_t>& route : best.routes) {
        lengths.push_back(static_cast<std::int32_t>(route.size()));
        visits.insert(visits.end(), route.begin(), route.end());
    }
    std::vector<std::int32_t> unserved = best.unserved;
    std::sort(unserved.begin(), unserved.end());
    return nb::make_tuple(array_of(lengths), array_of(visits), array_of(unserved), best.price,
                          kernel.search().n_steps(), kernel.search().n_removed());
}

}  // namespace recourse

NB_MODULE(_kernel, m) {
    using namespace recourse;
    nb::class_<Params>(m, "Params")
        .def(nb::init<>())
        .def_rw("mean_removed", &Params::mean_removed)
        .def_rw("longest_string", &Params::longest_string)
        .def_rw("heat_start", &Params::heat_start)
        .def_rw("heat_end", &Params::heat_end)
        .def_rw("p_focus_unserved", &Params::p_focus_unserved)
        .def_rw("p_focus_orphan", &Params::p_focus_orphan)
        .def_rw("p_chain", &Params::p_chain)
        .def_rw("p_eject", &Params::p_eject)
        .def_rw("patience", &Params::patience)
        .def_rw("sideways", &Params::sideways)
        .def_rw("sideways_until", &Params::sideways_until)
        .def_rw("p_group", &Params::p_group)
        .def_rw("p_together", &Params::p_together)
        .def_rw("p_both_ends", &Params::p_both_ends)
        .def_rw("p_return", &Params::p_return)
        .def_rw("n_free", &Params::n_free)
        .def_rw("free_share", &Params::free_share)
        .def_rw("n_starts", &Params::n_starts)
        .def_rw("starts_until", &Params::starts_until)
        .def_rw("last_start", &Params::last_start)
        .def_rw("promising", &Params::promising)
        .def_rw("n_polish", &Params::n_polish)
        .def_rw("n_near_orders", &Params::n_near_orders)
        .def_rw("n_near_couriers", &Params::n_near_couriers);
    nb::class_<Kernel>(m, "Kernel")
        .def(
            "__init__",
            [](Kernel* self, const Cube& time, const std::optional<Cube>& price, const Square& visits,
               const Square& demand, const Square& orders, const Prices& unserved_price,
               const Prices& move_price, const Bits& order_skills, const Square& couriers,
               const Square& capacity, const Square& load, const Wide& courier_prices, const Bits& skills,
               const Square& options, const Ints& periods, const Square& speeds, const Square& doubts,
               std::int32_t doubt_permille) {
                World world = world_of(
                    time, price, all_of<Visit>(visits, [&](std::size_t k) { return visit_of(visits, demand, k); }),
                    all_of<Order>(orders, [&](std::size_t k) {
                        return order_of(orders, unserved_price, move_price, order_skills, k);
                    }),
                    all_of<Courier>(couriers, [&](std::size_t k) {
                        return courier_of(couriers, capacity, load, courier_prices, skills, k);
                    }), options);
                world.clocks = clocks_of(periods, speeds);
                world.doubts = doubts_of(doubts);
                world.doubt_permille = doubt_permille;
                world.note_prices();
                new (self) Kernel(std::move(world));
            },
            nb::kw_only(), "time"_a, "price"_a.none(), "visits"_a, "demand"_a, "orders"_a, "unserved_price"_a,
            "move_price"_a, "order_skills"_a, "couriers"_a, "capacity"_a, "load"_a, "courier_prices"_a,
            "skills"_a, "options"_a, "periods"_a, "speeds"_a, "doubts"_a, "doubt_permille"_a)
        .def(
            "load_routes",
            [](Kernel& self, const Ints& lengths, const Ints& visits) { self.load(lengths.data(), visits.data()); },
            "lengths"_a, "visits"_a)
        .def("drop_courier", &Kernel::drop_courier, "courier"_a)
        .def(
            "add_place",
            [](Kernel& self, const Square& time_out, const Square& time_in, const Square& price_out,
               const Square& price_in) {
                return self.add_place(time_out.data(), time_in.data(), price_out.data(), price_in.data());
            },
            "time_out"_a, "time_in"_a, "price_out"_a, "price_in"_a)
        .def(
            "change_place",
            [](Kernel& self, std::int32_t place, const Square& time_out, const Square& time_in,
               const Square& price_out, const Square& price_in) {
                return self.change_place(place, time_out.data(), time_in.data(), price_out.data(), price_in.data());
            },
            "place"_a, "time_out"_a, "time_in"_a, "price_out"_a, "price_in"_a)
        .def(
            "add_visit",
            [](Kernel& self, const Square& facts, const Square& demand) { return self.add_visit(visit_of(facts, demand, 0)); },
            "facts"_a, "demand"_a)
        .def(
            "add_order",
            [](Kernel& self, const Square& facts, const Prices& unserved, const Prices& move, const Bits& skills,
               const Square& options) {
                std::vector<Order> added{order_of(facts, unserved, move, skills, 0)};
                add_options(added, options);
                return self.add_order(added[0]);
            },
            "facts"_a, "unserved_price"_a, "move_price"_a, "skills"_a, "options"_a)
        .def(
            "add_courier",
            [](Kernel& self, const Square& facts, const Square& capacity, const Square& load, const Wide& prices,
               const Bits& skills) { return self.add_courier(courier_of(facts, capacity, load, prices, skills, 0)); },
            "facts"_a, "capacity"_a, "load"_a, "courier_prices"_a, "skills"_a)
        .def("take_order_out", &Kernel::take_order_out, "order"_a)
        .def("move_courier", &Kernel::move_courier, "courier"_a, "place"_a, "at"_a)
        .def("change_break", &Kernel::change_break, "courier"_a, "length"_a, "by"_a)
        .def("start_stop", &Kernel::start_stop, "courier"_a, "at"_a)
        .def("told", &told_of)
        .def("ask", &Kernel::ask, "seed"_a, "params"_a, nb::call_guard<nb::gil_scoped_release>())
        .def("work", &Kernel::work, "n_steps"_a, "heat_from"_a, "heat_to"_a,
             nb::call_guard<nb::gil_scoped_release>())
        .def("spot", &Kernel::spot, "order"_a, "courier"_a)
        .def("price", &Kernel::price)
        .def("answer", &answer_of)
        .def("close", &Kernel::close);
}
