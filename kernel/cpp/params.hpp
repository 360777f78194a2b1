// This file knows the dials of the search. None of them is about one instance.
#pragma once

#include <cstdint>

namespace recourse {

struct Params {
    double mean_removed = 9;     // visits taken out in one step, on average
    double longest_string = 8;   // of neighbouring visits taken out of one route
    double heat_start = 0.7;     // temperature, in middle legs
    double heat_end = 0.01;
    double p_focus_unserved = 0.2;  // a step begins at an order that has no courier
    double p_focus_orphan = 0.2;    // ... at an order that lost its courier
    double p_group = 0.03;          // ... takes out a group and offers it to one courier as a whole
    double p_together = 0.2;        // ... the same, where parcels wait together
    double p_both_ends = 0.5;       // ... opens one route at both ends of a parcel without a courier
    double p_return = 0.3;          // ... takes out what was not told, where that costs something
    double p_chain = 0.1;           // try an ejection chain before a step
    double p_eject = 0.15;          // ... after what was taken out has been put back
    double patience = 1000;         // chains in vain after which they are tried half as often
    double sideways = 30.0;         // middle legs a plan may be dearer than the best to be rid of
                                    // an order that is hard to place, for one that is easier
    double sideways_until = 0.8;    // share of the way after which it may not be dearer any more
    std::int32_t n_free = 2;        // times on the way that moved orders do not count while one is left out
    double free_share = 0.7;        // of the way from one such time to the next
    std::int32_t n_starts = 3;      // searches from the first answer, as long as nobody is left out
    double starts_until = 0.75;     // share of the way for those; then one from the best of them
    double last_start = 0.3;        // ... which begins as cold as one that is so far on its way
    double promising = 15.0;        // polish a step that got dearer by less, in middle legs
    std::int32_t n_polish = 10;     // near orders tried for each order polished
    std::int32_t n_near_orders = 12;   // whose couriers are asked
    std::int32_t n_near_couriers = 4;  // asked for being near
};

}  // namespace recourse
