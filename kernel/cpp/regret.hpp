// This file knows the first answer: put in first whoever would lose most by waiting.
#pragma once

#include <algorithm>
#include <vector>

#include "plan.hpp"

namespace recourse {

// Regret-2 insertion of every unserved order (Potvin and Rousseau 1993, 10.1016/0377-2217(93)90221-8).
// An order whose best courier is dearer than its way out without a courier takes the way out.
class Regret {
public:
    explicit Regret(Plan& plan) : plan_(plan), n_couriers_(plan.world().n_couriers()) {}

    void run() {
        waiting_ = plan_.unserved().all();
        std::sort(waiting_.begin(), waiting_.end());
        spots_.assign(waiting_.size() * static_cast<std::size_t>(n_couriers_), Spot{});
        rows_.assign(waiting_.size(), Row{});
        for (std::size_t k = 0; k < waiting_.size(); ++k) {
            for (std::int32_t c = 0; c < n_couriers_; ++c) spot(k, c) = plan_.cached(waiting_[k], c);
            rank(k);
        }
        for (std::size_t k = next(); k < waiting_.size(); k = next()) {
            const std::int32_t taker = rows_[k].first;
            plan_.insert(waiting_[k], taker, spot(k, taker));
            rows_[k].done = true;
            renew(taker);
        }
        plan_.keep();
    }

private:
    struct Row {
        std::int32_t first = kNone;
        std::int32_t second = kNone;
        bool done = false;
    };

    Spot& spot(std::size_t k, std::int32_t courier) {
        return spots_[k * static_cast<std::size_t>(n_couriers_) + static_cast<std::size_t>(courier)];
    }

    Price price(std::size_t k, std::int32_t courier) {
        const Price out = plan_.order(waiting_[k]).unserved_price;
        return courier == kNone ? out : std::min(out, spot(k, courier).price);
    }

    // The two cheapest couriers of an order; who is dearer than the way out does not count.
    void rank(std::size_t k) {
        Row& row = rows_[k];
        row.first = row.second = kNone;
        for (std::int32_t c = 0; c < n_couriers_; ++c) {
            if (price(k, c) < price(k, row.first)) {
                row.second = row.first;
                row.first = c;
            } else if (price(k, c) < price(k, row.second)) {
                row.second = c;
            }
        }
    }

    // Who loses most by waiting; ties go to the cheaper, then to the smaller number.
    std::size_t next() {
        std::size_t chosen = waiting_.size();
        Price most = -1, cheapest = kNever;
        for (std::size_t k = 0; k < waiting_.size(); ++k) {
            const Row& row = rows_[k];
            if (row.done || row.first == kNone) continue;
            const Price own = price(k, row.first);
            const Price loss = price(k, row.second) - own;
            if (loss > most || (loss == most && own < cheapest)) {
                chosen = k;
                most = loss;
                cheapest = own;
            }
        }
        return chosen;
    }

    // A route has changed: price it again for everybody who still waits.
    void renew(std::int32_t courier) {
        for (std::size_t k = 0; k < waiting_.size(); ++k) {
            if (rows_[k].done) continue;
            const Row& row = rows_[k];
            spot(k, courier) = plan_.best(waiting_[k], courier);
            const bool was_near = row.first == courier || row.second == courier;
            if (was_near || price(k, courier) < price(k, row.second)) rank(k);
        }
    }

    Plan& plan_;
    std::int32_t n_couriers_;
    std::vector<std::int32_t> waiting_;
    std::vector<Spot> spots_;
    std::vector<Row> rows_;
};

}  // namespace recourse
