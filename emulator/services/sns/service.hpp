#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "deliveries/outbox.hpp"
#include "services/ports.hpp"
#include "services/service.hpp"
#include "services/sns/message_form.hpp"
#include "services/sns/signing_key.hpp"
#include "services/sns/subscription_store.hpp"
#include "services/sns/topic_store.hpp"
#include "storage/storage.hpp"

namespace rockwatch::sns {

/// What a reading operation works with.
struct Read {
    TopicReader topics;
    SubscriptionReader subscriptions;
    Instant now;
};

/// What a changing operation works with.
struct Write {
    Database& database;
    TopicReader topics;
    TopicWriter topic_changes;
    SubscriptionReader subscriptions;
    SubscriptionWriter subscription_changes;
    Random& random;
    QueueSink& queues;
    deliveries::Outbox& outbox;
    const SigningKey& key;
    std::string base_url;  ///< where links lead when no client says how it reaches us
    Instant now;
};

struct SnsOptions {
    std::string base_url = "http://127.0.0.1:4566";
};

/// Simple Notification Service: standard topics.
class Sns : public TableService<Read, Write>, public Publisher {
public:
    Sns(Storage& storage, const Clock& clock, Random& random, QueueSink& queues, deliveries::Outbox& outbox,
        SnsOptions options = {});
    /// Dead letters find no queue any more: the outbox stops first.
    ~Sns() override;

    std::string_view name() const override { return "sns"; }

    std::optional<std::string> publish(Database& database, const Owner& owner,
                                       const Notification& notification, Instant now) override;

    /// Where links lead from now on: the port is known only when the server listens. Thread-safe.
    void set_base_url(std::string base_url);
    /// PEM; to be served at certificate_path.
    const std::string& signing_certificate() const { return key_.certificate(); }

    void reset(Database& database);

protected:
    Read reading(Database& database, Instant now) override;
    Write writing(Database& database, Instant now) override;

private:
    void bury(Database& database, const deliveries::DeadLetter& letter, Instant now);

    Random& random_;
    QueueSink& queues_;
    deliveries::Outbox& outbox_;
    const SigningKey key_;
    std::mutex mutex_;
    std::string base_url_;
};

Migrations migrations();

}  // namespace rockwatch::sns
