// This file knows the dials of the search. None of them is about one instance.
#pragma once

#include <cstdint>

namespace recourse {

struct Params {
    double mean_removed = 10;    // visits taken out in one step, on average
    double longest_string = 10;  // of neighbouring visits taken out of one route
    double heat_start = 1.0;     // temperature, in mean legs
    double heat_end = 0.01;
    double p_focus_unserved = 0.4;  // a step begins at an order that has no courier
    double p_focus_orphan = 0.2;    // ... at an order that lost its courier
    double p_eject = 0.1;           // try an ejection chain after a step
    std::int32_t n_near_orders = 12;   // whose couriers are asked
    std::int32_t n_near_couriers = 4;  // asked for being near
};

}  // namespace recourse
