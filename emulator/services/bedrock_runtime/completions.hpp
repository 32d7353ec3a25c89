#pragma once

#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/caller.hpp"
#include "core/clock.hpp"
#include "services/bedrock_runtime/invocation_metrics.hpp"
#include "services/ports.hpp"
#include "storage/storage.hpp"

namespace rockwatch::bedrock_runtime {

/// What a finished call leaves behind.
struct Completion {
    Owner owner;
    std::string model_id;  ///< as the caller named it
    Instant at;
    std::vector<Figure> figures;
    std::string log_group;  ///< empty: not logged
    std::string log_role;   ///< what Bedrock writes to the group with
    std::string record;     ///< the invocation's, for the log group
};

/// When a call's record is committed: within moments of the answer, or before it.
enum class InvocationLog { async, sync };

/// Takes completions from any thread and has them written by one job at a time: what gathers while a job
/// waits is written with it, so that many calls cost one pass over the sinks. What could not be written is
/// tried again, a few times at once and then with the next call's; far too much of it is given up, the oldest
/// first, and said to the log.
class Completions {
public:
    Completions(Storage& storage, const Clock& clock, const LoggingSettings& logging, LogSink& logs,
                MetricSink& metrics, InvocationLog mode)
        : storage_(storage), clock_(clock), logging_(logging), logs_(logs), metrics_(metrics), mode_(mode) {}

    /// Returns at once, or with InvocationLog::sync when it is committed. Whoever asks the storage for its
    /// position afterwards gets one that includes it. Waits when far more gathers than is written.
    void push(Completion completion);

private:
    using Batch = std::vector<Completion>;
    struct LogPlace {
        Owner owner;
        std::string group;
        std::string role;
        auto operator<=>(const LogPlace&) const = default;
    };

    void push_async(Completion completion);
    bool gather(Completion completion);
    void enqueue_job();
    void take_gathered(Batch& batch);
    void put_back(Batch& batch);
    void write(Database& database, const Batch& batch);
    bool deliver(Database& database, const LogPlace& place, std::span<const LogLine> records, Instant now);

    Storage& storage_;
    const Clock& clock_;
    const LoggingSettings& logging_;
    LogSink& logs_;
    MetricSink& metrics_;
    InvocationLog mode_;
    std::mutex
        push_mutex_;    // nobody passes who gathered before the job stands in the queue: readers wait for it
    std::mutex mutex_;  // guards the three below
    Batch gathered_;
    bool job_waits_ = false;
    int refusals_ = 0;           // jobs in a row that could not be committed
    std::set<LogPlace> barred_;  // said to the log; on the writer alone
};

}  // namespace rockwatch::bedrock_runtime
