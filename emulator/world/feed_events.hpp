#pragma once

#include "core/json.hpp"
#include "deliveries/outbox.hpp"
#include "services/ports.hpp"
#include "world/feed.hpp"

namespace rockwatch {

/// Events of the feed, as control-api.md names them.
Json to_json(const TakenLogs& logs);
Json to_json(const deliveries::DeliveryChange& change);

/// Tells the feed of log events.
class LogNews : public LogListener {
public:
    explicit LogNews(Feed& feed) : feed_(feed) {}

    bool is_listening() const override { return feed_.is_followed(); }
    void taken(const TakenLogs& logs) override;

private:
    Feed& feed_;
};

}  // namespace rockwatch
