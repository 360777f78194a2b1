// This file knows one row of a route, and what the passes say of it.
#pragma once

#include <algorithm>

#include "world.hpp"

namespace recourse {

// A row of the route. The first is where the courier starts and the last where the day ends, so
// every stop has a neighbour on both sides and no rule has a special case for the ends. What the
// passes need of the visit is copied here: they then read one array from end to end.
struct Stop {
    std::int32_t visit = kNone;
    std::int32_t place = 0;
    Seconds earliest = 0;
    Seconds last = 0;     // own latest start
    Seconds service = 0;
    Seconds leg_s = 0;    // way from the stop before
    std::int32_t leg_price = 0;
    Seconds start = 0;   // earliest start of service (forward)
    Seconds depart = 0;  // earliest departure (forward)
    Seconds latest = 0;  // latest start that keeps everything after it in time (backward)
    Seconds calm = 0;    // latest start that makes nothing from here on dearer (backward)
};

// When the day ends as a function of when service at a stop starts: the later of start + work and floor.
struct Tail {
    Seconds work = 0;
    Seconds floor = 0;

    Seconds end(Seconds start) const { return std::max(start + work, floor); }
};

// When a stop may be left before the break that is owed has begun and after it, each as early as
// can be (forward), and how late it may start with the break to come (backward).
struct Rest {
    static constexpr Seconds kNot = Seconds{1} << 30;

    Seconds open = kNot;
    Seconds rested = kNot;
    Seconds latest = 0;

    // The same after one more stop. The break is taken where a stop ends, or while waiting for the next.
    Rest on(const Clock& clock, Seconds way, const Courier& who, Seconds earliest, Seconds last, Seconds service) const {
        Rest next;
        if (open < kNot) next.open = served(clock.arrive(open, way), earliest, last, service);
        if (rested < kNot) next.rested = served(clock.arrive(rested, way), earliest, last, service);
        if (next.open <= who.break_by && next.open < kNot)
            next.rested = std::min(next.rested, next.open + who.break_length);
        return next;
    }

    // Whether the way to a stop can be gone from here on, given how late that may start.
    bool reaches(const Clock& clock, Seconds way, const Rest& next, Seconds latest_rested) const {
        return (open < kNot && clock.arrive(open, way) <= next.latest) ||
               (rested < kNot && clock.arrive(rested, way) <= latest_rested);
    }

private:
    static Seconds served(Seconds arrives, Seconds earliest, Seconds last, Seconds service) {
        const Seconds start = std::max(arrives, earliest);
        return start <= last ? start + service : kNot;
    }
};

}  // namespace recourse
