#pragma once

#include <string>
#include <string_view>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "services/ports.hpp"
#include "services/service.hpp"
#include "services/sqs/message_store.hpp"
#include "services/sqs/queue_store.hpp"
#include "services/sqs/queue_watch.hpp"
#include "storage/storage.hpp"

namespace rockwatch::sqs {

/// What a reading operation works with.
struct Read {
    QueueReader queues;
    MessageReader messages;
    Instant now;
};

/// What a changing operation works with.
struct Write {
    Database& database;
    QueueReader queues;
    QueueWriter queue_changes;
    MessageReader messages;
    MessageWriter message_changes;
    Random& random;
    QueueWatch& watch;
    Instant now;

    /// Tells those who wait, once this is committed.
    void announce(const QueueKey& key);
};

/// Simple Queue Service: standard queues. Visibility, delays and retention follow the emulator's clock, long
/// polls the real one.
class Sqs : public TableService<Read, Write>, public QueueSink {
public:
    Sqs(Storage& storage, const Clock& clock, Random& random);

    std::string_view name() const override { return "sqs"; }
    std::unique_ptr<LongPoll> long_poll(std::string_view operation, const Caller& caller,
                                        const Json& input) override;
    void stop_waiting() override { watch_.stop(); }

    bool send(Database& database, std::string_view queue_arn, const std::string& body,
              const Json& message_attributes, Instant now) override;

    void reset(Database& database);

protected:
    Read reading(Database& database, Instant now) override;
    Write writing(Database& database, Instant now) override;

private:
    Storage& storage_;
    Random& random_;
    QueueWatch watch_;
};

Migrations migrations();

}  // namespace rockwatch::sqs
