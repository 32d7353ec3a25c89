#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "http/connection.hpp"

namespace rockwatch::http {

class Http2Stream;

/// What workers tell the thread that owns the HTTP/2 sessions. Thread-safe; outlives all streams.
class Http2Mailbox {
public:
    struct Letters {
        std::vector<std::unique_ptr<Connection>> connections;  ///< to be adopted
        std::vector<std::shared_ptr<Http2Stream>> streams;     ///< with something new
    };

    Http2Mailbox();

    /// Readable while there are letters.
    int fd() const { return event_.get(); }
    /// Wakes the reader though there is no letter.
    void ring();
    void put(std::unique_ptr<Connection> connection);
    void put(std::shared_ptr<Http2Stream> stream);
    Letters take();

    /// How many workers are at a stream.
    void begin_work();
    void end_work();
    /// False when `until` passes first.
    bool wait_until_nobody_works(Moment until);

    /// Bytes of answers that wait for their clients' windows, of all streams.
    void add_output(std::size_t bytes) { output_bytes_.fetch_add(bytes, std::memory_order_relaxed); }
    void take_output(std::size_t bytes) { output_bytes_.fetch_sub(bytes, std::memory_order_relaxed); }
    /// So many that a worker stays with its answer until it is sent: then there are no more than workers.
    bool is_crowded() const { return output_bytes_.load(std::memory_order_relaxed) > crowded_bytes; }

private:
    static constexpr std::size_t crowded_bytes = 256U << 20U;

    Descriptor event_;
    std::mutex mutex_;
    std::condition_variable nobody_works_;
    Letters letters_;
    std::size_t working_ = 0;
    std::atomic<std::size_t> output_bytes_{0};
};

}  // namespace rockwatch::http
