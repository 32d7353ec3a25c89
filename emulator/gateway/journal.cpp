#include "gateway/journal.hpp"

#include <iterator>

#include "core/text.hpp"
#include "core/text_time.hpp"

namespace rockwatch {

namespace {

constexpr std::size_t body_bytes_max = 256U << 10U;
constexpr std::size_t tree_bytes_max = 1U << 20U;  ///< in memory, where a tree takes several times its text

constexpr std::size_t message_bytes_max = 64U << 10U;
constexpr std::size_t name_bytes_max = 2U << 10U;
constexpr std::size_t ignored_max = 100;

constexpr std::size_t heap_bytes = 48;    ///< a text, list or structure of its own, with what the heap adds
constexpr std::size_t member_bytes = 80;  ///< a member of a structure beside its value, likewise

/// Adds roughly what a tree takes in memory; stops counting once it is more than the journal keeps.
void weigh(const Json& tree, std::size_t& sum) {
    sum += sizeof(Json);
    switch (tree.type()) {
        case Json::value_t::string:
            sum += heap_bytes + tree.get_ref<const std::string&>().capacity();
            return;
        case Json::value_t::binary:
            sum += heap_bytes + tree.get_binary().size();
            return;
        case Json::value_t::array:
            sum += heap_bytes;
            for (const Json& element : tree.get_ref<const Json::array_t&>()) {
                if (sum > tree_bytes_max) return;
                weigh(element, sum);
            }
            return;
        case Json::value_t::object:
            sum += heap_bytes;
            for (const auto& [name, value] : tree.get_ref<const Json::object_t&>()) {
                if (sum > tree_bytes_max) return;
                sum += member_bytes + name.capacity();
                weigh(value, sum);
            }
            return;
        default:
            return;
    }
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
    for (const auto& [name, value] : tree.items()) {
        const bool is_secret = name == "SecretAccessKey" || name == "SessionToken";
        if (is_secret && value.is_string()) {
            value = "***";
        } else {
            mask_secrets(value);
        }
    }
}

/// A body that is too large gives way to a word about it. What it takes in memory then.
std::size_t cut(JournalBody& body) {
    const std::size_t sent = body.text.empty() ? body.bytes : body.text.size();
    std::size_t weight = 0;
    if (sent <= body_bytes_max) weigh(body.tree, weight);
    if (sent <= body_bytes_max && weight <= tree_bytes_max) return weight + body.text.capacity();
    body.tree = {{"leftOut", "the body is larger than the journal keeps"},
                 {"bytes", sent == 0 ? weight : sent}};
    std::string().swap(body.text);  // the memory, too
    constexpr std::size_t word_bytes = 400;
    return word_bytes;
}

/// The same for a text.
std::size_t cut(std::string& text, std::size_t bytes_max) {
    if (text.size() > bytes_max) std::string(utf8_prefix(text, bytes_max)).swap(text);
    return heap_bytes + text.capacity();
}

std::size_t cut(Ignored& ignored) {
    if (ignored.size() > ignored_max) {
        const auto first = std::make_move_iterator(ignored.begin());
        Ignored(first, first + ignored_max).swap(ignored);
    }
    std::size_t weight = 0;
    for (std::string& pointer : ignored) weight += cut(pointer, name_bytes_max);
    return weight;
}

/// Cuts what a client may have made large. What the whole takes in memory then.
std::size_t cut(JournalEntry& entry) {
    std::size_t weight = sizeof(entry) + cut(entry.request) + cut(entry.response) + cut(entry.ignored) +
                         cut(entry.error_message, message_bytes_max);
    for (std::string* name : {&entry.operation, &entry.error_code, &entry.caller.access_key,
                              &entry.caller.region, &entry.caller.base_url, &entry.notes.model_id})
        weight += cut(*name, name_bytes_max);
    for (std::string& rule : entry.notes.rules) weight += cut(rule, name_bytes_max);
    for (auto& miss : entry.notes.near_misses)
        weight += cut(miss.rule, name_bytes_max) + cut(miss.failed, name_bytes_max);
    return weight;
}

}  // namespace

void Journal::add(JournalEntry entry) {
    const std::size_t bytes = cut(entry);
    if (entry.service == "sts" || entry.service == "iam") mask_secrets(entry.response.tree);
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
