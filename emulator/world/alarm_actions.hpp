#pragma once

#include "deliveries/outbox.hpp"
#include "services/ports.hpp"

namespace rockwatch {

/// Alarms' actions leave through the outbox: posted where --destination says, captured otherwise.
class AlarmActions : public ActionSink {
public:
    explicit AlarmActions(deliveries::Outbox& outbox) : outbox_(outbox) {}

    void act(Database& database, const Owner& owner, const AlarmAction& action, Instant now) override {
        outbox_.add(database,
                    {.owner = owner,
                     .source = "alarm",
                     .protocol = action.service,
                     .target = action.target,
                     .payload = action.payload},
                    now);
    }

private:
    deliveries::Outbox& outbox_;
};

}  // namespace rockwatch
