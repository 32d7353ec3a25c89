#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"
#include "protocol/codec.hpp"
#include "rules/reply_plan.hpp"

namespace rockwatch {

/// What came in: the tree as parsed or the text as sent. Texts are parsed when somebody reads the journal.
struct JournalBody {
    Json tree;
    std::string text;
    std::size_t bytes = 0;  ///< of a tree: what it took on the wire, where somebody knows
};

/// One call, as /_rockwatch/calls tells it.
struct JournalEntry {
    std::int64_t id = 0;  ///< given by the journal
    Instant time;         ///< arrival, on the emulator's clock
    std::string service;  ///< empty: nobody could tell
    std::string operation;
    Caller caller;
    JournalBody request;
    int status = 0;
    JournalBody response;
    std::string error_code;  ///< empty: none
    std::string error_message;
    InvocationNotes notes;  ///< of invocations; `latency` of every call
    Ignored ignored;
};

struct JournalFilter {
    std::string service;
    std::string operation;
    std::string model_id;
    std::optional<int> status;
    std::optional<Instant> since;
    std::int64_t after = 0;  ///< ids greater than this
    std::size_t limit = 1000;
};

/// The newest calls, in memory: bounded in number and in bytes. A body of more than 256 KiB, or of 1 MiB as a
/// tree, is left out, long texts are cut, and of ignored members the first hundred stay. Thread-safe.
class Journal {
public:
    explicit Journal(std::size_t entries_max) : entries_max_(entries_max) {}

    void add(JournalEntry entry);
    void clear();

    /// Who hears of a call once it stands here. Set once, before there are calls.
    void on_add(std::function<void(std::int64_t id)> listener) { on_add_ = std::move(listener); }
    /// A call as list() tells it, without request, response and what is said of them; null when it is gone.
    Json summary(std::int64_t id) const;
    std::size_t size() const;
    /// 0: there has been none.
    std::int64_t newest_id() const;

    /// {"calls":[…],"next":"…"}: oldest first; `next` only when there is more.
    Json list(const JournalFilter& filter) const;

private:
    static constexpr std::size_t bytes_max = 64U << 20U;

    struct Kept {
        JournalEntry entry;
        std::size_t bytes;
    };

    std::function<void(std::int64_t id)> on_add_;
    mutable std::mutex mutex_;
    std::size_t entries_max_;
    std::int64_t last_id_ = 0;
    std::size_t bytes_ = 0;
    std::deque<Kept> kept_;
};

}  // namespace rockwatch
