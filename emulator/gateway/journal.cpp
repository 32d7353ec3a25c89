#include "gateway/journal.hpp"

#include "core/text.hpp"
#include "core/text_time.hpp"

namespace rockwatch {

namespace {

constexpr std::size_t body_bytes_max = 256U << 10U;

std::size_t rough_size(const JournalEntry& entry) {
    constexpr std::size_t fixed = 600;
    return fixed + entry.request.text.size() + entry.response.text.size();
}

/// Blobs as base64, as JSON protocols send them.
Json readable(Json tree) {
    if (tree.is_binary()) {
        const auto& bytes = tree.get_binary();
        return base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    if (tree.is_structured()) {
        for (auto& part : tree) part = readable(std::move(part));
    }
    return tree;
}

Json readable(const JournalBody& body) {
    if (body.text.empty()) return readable(Json(body.tree));
    if (auto parsed = parse_json(body.text)) return std::move(*parsed);
    return is_utf8(body.text) ? Json(body.text) : Json(base64_encode(body.text));
}

bool fits(const JournalEntry& entry, const JournalFilter& filter) {
    if (entry.id <= filter.after) return false;
    if (!filter.service.empty() && entry.service != filter.service) return false;
    if (!filter.operation.empty() && entry.operation != filter.operation) return false;
    if (!filter.model_id.empty() && !glob_matches(filter.model_id, entry.notes.model_id)) return false;
    if (filter.status && entry.status != *filter.status) return false;
    return !filter.since || entry.time >= *filter.since;
}

Json told_briefly(const JournalEntry& entry) {
    Json call = {{"id", entry.id},
                 {"time", iso_ms(entry.time)},
                 {"service", entry.service},
                 {"operation", entry.operation},
                 {"requestId", entry.caller.request_id},
                 {"accountId", entry.caller.account},
                 {"region", entry.caller.region},
                 {"modelId", entry.notes.model_id.empty() ? Json() : Json(entry.notes.model_id)},
                 {"status", entry.status},
                 {"error", nullptr},
                 {"latencyMs", entry.notes.latency.count()},
                 {"rules", entry.notes.rules}};
    if (!entry.error_code.empty())
        call["error"] = {{"code", entry.error_code}, {"message", entry.error_message}};
    return call;
}

Json told(const JournalEntry& entry) {
    Json call = told_briefly(entry);
    call["request"] = readable(entry.request);
    call["response"] = readable(entry.response);
    call["nearMisses"] = Json::array();
    call["ignored"] = entry.ignored;
    for (const auto& miss : entry.notes.near_misses) {
        call["nearMisses"].push_back({{"rule", miss.rule}, {"failed", miss.failed}});
    }
    return call;
}

/// What a service hands out as a secret is not told again (threats.md T18).
void mask_secrets(Json& tree) {
    if (!tree.is_structured()) return;
    for (auto& [name, value] : tree.items()) {
        const bool is_secret = name == "SecretAccessKey" || name == "SessionToken";
        if (is_secret && value.is_string()) {
            value = "***";
        } else {
            mask_secrets(value);
        }
    }
}

void cut(JournalBody& body) {
    if (body.text.size() <= body_bytes_max) return;
    body.tree = {{"leftOut", "the body is larger than the journal keeps"}, {"bytes", body.text.size()}};
    body.text.clear();
}

}  // namespace

void Journal::add(JournalEntry entry) {
    cut(entry.request);
    cut(entry.response);
    if (entry.service == "sts" || entry.service == "iam") mask_secrets(entry.response.tree);
    const std::size_t bytes = rough_size(entry);
    std::vector<Kept> dropped;  // freed outside the lock
    std::int64_t id = 0;
    {
        const std::lock_guard lock(mutex_);
        id = entry.id = ++last_id_;
        kept_.push_back({std::move(entry), bytes});
        bytes_ += bytes;
        while (!kept_.empty() && (kept_.size() > entries_max_ || bytes_ > bytes_max)) {
            bytes_ -= kept_.front().bytes;
            dropped.push_back(std::move(kept_.front()));
            kept_.pop_front();
        }
    }
    if (on_add_) on_add_(id);
}

Json Journal::summary(std::int64_t id) const {
    const std::lock_guard lock(mutex_);
    // Ids stand without gaps, the newest last.
    const std::int64_t behind = last_id_ - id;
    if (behind < 0 || behind >= static_cast<std::int64_t>(kept_.size())) return nullptr;
    return told_briefly((kept_.end() - 1 - behind)->entry);
}

std::int64_t Journal::newest_id() const {
    const std::lock_guard lock(mutex_);
    return last_id_;
}

std::size_t Journal::size() const {
    const std::lock_guard lock(mutex_);
    return kept_.size();
}

void Journal::clear() {
    const std::lock_guard lock(mutex_);
    kept_.clear();
    bytes_ = 0;
}

Json Journal::list(const JournalFilter& filter) const {
    Json calls = Json::array();
    const std::lock_guard lock(mutex_);
    for (const Kept& kept : kept_) {
        if (!fits(kept.entry, filter)) continue;
        if (calls.size() == filter.limit) {
            const std::string next = std::to_string(calls.back().at("id").get<std::int64_t>());
            return {{"calls", std::move(calls)}, {"next", next}};
        }
        calls.push_back(told(kept.entry));
    }
    return {{"calls", std::move(calls)}};
}

}  // namespace rockwatch
