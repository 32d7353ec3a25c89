#include "rules/rule_book.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>

#include "core/log.hpp"
#include "core/text.hpp"
#include "rules/fields.hpp"
#include "rules/rule_index.hpp"
#include "rules/rule_key.hpp"
#include "rules/rule_store.hpp"

namespace rockwatch::rules {

namespace {

constexpr std::size_t rules_max = 10'000;
constexpr std::size_t near_misses_max = 3;
constexpr std::size_t far_misses_looked_at = 64;

/// In [0, 1), the same for the same seed and number (SplitMix64).
double repeatable_unit(std::uint64_t seed, std::uint64_t number) {
    std::uint64_t mixed = seed + number * 0x9e3779b97f4a7c15ULL;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebULL;
    mixed ^= mixed >> 31U;
    return static_cast<double>(mixed >> 11U) * 0x1.0p-53;
}

bool is_streamed(const Invocation& invocation) {
    const std::string_view operation = invocation.parts().operation;
    return operation == "ConverseStream" || operation == "InvokeModelWithResponseStream";
}

/// Who edits a rule file and sees no change may have forgotten the rule that a call put weeks ago.
void tell_replaced(const std::vector<std::string>& ids) {
    if (ids.empty()) return;
    spdlog::warn(
        "rules of --rules that are not in force: {}. Calls have put others of these ids, which the database "
        "keeps. A reset of the scope rules goes back to the files; so does a start after DELETE "
        "/_rockwatch/rules/ID",
        log_safe(join(ids, ", ")));
}

/// The rules of a request: one, or those of {"rules":[…]}, each with the prefix of its place.
std::vector<std::pair<const Json*, std::string>> documents_of(const Json& request) {
    if (!request.is_object() || !request.contains("rules")) return {{&request, ""}};
    const Fields fields(request, "", {"rules", "$schema"});  // a file for editors may be sent as it is
    fields.text("$schema");
    const Json& list = *fields.find("rules");
    if (!list.is_array()) throw invalid_rule("must be a list of rules", "/rules");
    std::vector<std::pair<const Json*, std::string>> documents;
    for (std::size_t index = 0; index < list.size(); ++index)
        documents.emplace_back(&list[index], fmt::format("/rules/{}", index));
    return documents;
}

}  // namespace

struct RuleBook::Entry {
    Rule rule;
    std::optional<RuleKey> key;
    Json document;         ///< as given, with its id
    bool is_named = true;  ///< by whoever gave it
    bool from_start = false;
    std::atomic<std::uint64_t> calls{0};    ///< that matched
    std::atomic<std::uint64_t> answers{0};  ///< that its respond answered: the sequence's place
    std::atomic<std::uint64_t> hits{0};     ///< that it took part in
};

struct RuleBook::Snapshot {
    explicit Snapshot(Entries all) : entries(std::move(all)) {}

    /// Made when the first call asks: rules that are added one by one need none in between.
    const RuleIndex& index() const {
        std::call_once(is_indexed_, [&] {
            std::vector<RuleIndex::Entry> indexed;
            indexed.reserve(entries.size());
            for (const auto& entry : entries) indexed.push_back({entry->rule.match, entry->key});
            index_.emplace(std::move(indexed));
        });
        return *index_;
    }

    Entries entries;

private:
    mutable std::once_flag is_indexed_;
    mutable std::optional<RuleIndex> index_;
};

/// What is known while the rules are gone through, front to back.
struct RuleBook::Verdicts {
    struct Miss {
        int held;
        std::uint32_t rule;  ///< its place in matching order
        std::string pointer;
    };

    bool streamed = false;
    Entry* respond = nullptr;
    Entry* latency = nullptr;
    Entry* error = nullptr;
    Entry* stream = nullptr;
    std::vector<std::shared_ptr<Entry>> used;
    std::vector<Miss> misses;                   // the nearest first, then in matching order
    std::optional<std::uint32_t> completed_at;  // the rule that gave the last aspect

    bool complete() const { return respond && latency && error && (stream || !streamed); }

    void miss(Miss fresh) {
        const auto place = std::find_if(misses.begin(), misses.end(), [&](const Miss& other) {
            return other.held < fresh.held || (other.held == fresh.held && other.rule > fresh.rule);
        });
        misses.insert(place, std::move(fresh));
        if (misses.size() > near_misses_max) misses.pop_back();
    }

    /// An error that is said instead of an answer: nothing else is answered then.
    bool refused() const {
        if (error == nullptr) return false;
        const Fault& fault = *error->rule.error;
        return !fault.name.empty() && fault.connection == Connection::kept &&
               !(streamed && fault.within_stream());
    }
};

RuleBook::RuleBook(Storage& storage, Random& random) : storage_(storage), random_(random) {
    Entries entries;
    const auto lease = storage_.read();
    for (const StoredRule& row : RuleStore(*lease).all()) {
        try {
            entries.push_back(entry_of(parse_json(row.document).value_or(Json()), "", row.from_start));
        } catch (const InputError& error) {
            spdlog::warn("the stored rule {} is left out: {} at {}", row.id, error.what(), error.path);
        }
    }
    publish(std::move(entries));
}

std::shared_ptr<const RuleBook::Snapshot> RuleBook::snapshot() const {
    const std::lock_guard lock(mutex_);
    return snapshot_;
}

void RuleBook::publish(Entries entries) {
    auto fresh = std::make_shared<const Snapshot>(std::move(entries));
    const std::lock_guard lock(mutex_);
    snapshot_ = std::move(fresh);
}

std::shared_ptr<RuleBook::Entry> RuleBook::entry_of(const Json& document, const std::string& prefix,
                                                    bool from_start) {
    auto entry = std::make_shared<Entry>();
    try {
        entry->rule = rule_from_json(document);
    } catch (InputError& error) {
        error.path = prefix + error.path;
        throw;
    }
    entry->key = key_of(entry->rule.match);
    entry->document = document;
    entry->from_start = from_start;
    if (entry->rule.id.empty()) {
        entry->rule.id = "rule-" + random_.text(10, lower_alphanumeric);
        entry->document["id"] = entry->rule.id;
        entry->is_named = false;
    }
    return entry;
}

std::vector<Json> RuleBook::add(const Json& request) {
    Entries fresh;
    std::vector<std::string> prefixes;
    std::vector<Json> stored;
    for (const auto& [document, prefix] : documents_of(request)) {
        fresh.push_back(entry_of(*document, prefix, false));
        prefixes.push_back(prefix);
        stored.push_back(fresh.back()->document);
    }
    storage_.write([&](Database& database) {
        RuleStore store(database);
        if (store.count() + fresh.size() > rules_max) {
            throw InputError(400, "TooManyRules", fmt::format("there can be {} rules at most", rules_max));
        }
        for (std::size_t index = 0; index < fresh.size(); ++index) {
            const Entry& entry = *fresh[index];
            if (store.has(entry.rule.id)) {
                throw InputError(409, "RuleExists", fmt::format("there is a rule {} already", entry.rule.id),
                                 prefixes[index] + "/id");
            }
            store.insert_in_front({entry.rule.id, to_text(entry.document), false});
        }
        database.after_commit([this, fresh] {
            Entries entries(fresh.rbegin(), fresh.rend());
            const auto present = snapshot();
            entries.insert(entries.end(), present->entries.begin(), present->entries.end());
            publish(std::move(entries));
        });
    });
    return stored;
}

bool RuleBook::put(const std::string& id, const Json& document) {
    Json named = document;
    if (named.is_object()) {
        const Json& given = named.emplace("id", id).first.value();
        if (given != Json(id)) throw invalid_rule("is not the id of the path", "/id");
    }
    const auto fresh = entry_of(named, "", false);
    return storage_.write([&](Database& database) {
        RuleStore store(database);
        const StoredRule row{id, to_text(fresh->document), false};
        const bool made = !store.replace(row);
        if (made && store.count() >= rules_max) {
            throw InputError(400, "TooManyRules", fmt::format("there can be {} rules at most", rules_max));
        }
        if (made) store.insert_in_front(row);
        database.after_commit([this, fresh] {
            Entries entries = snapshot()->entries;
            const auto place = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) {
                return entry->rule.id == fresh->rule.id;
            });
            place == entries.end() ? void(entries.insert(entries.begin(), fresh)) : void(*place = fresh);
            publish(std::move(entries));
        });
        return made;
    });
}

bool RuleBook::remove(const std::string& id) {
    return storage_.write([&](Database& database) {
        if (!RuleStore(database).remove(id)) return false;
        database.after_commit([this, id] {
            Entries entries = snapshot()->entries;
            std::erase_if(entries, [&](const auto& entry) { return entry->rule.id == id; });
            publish(std::move(entries));
        });
        return true;
    });
}

void RuleBook::clear() {
    storage_.write([&](Database& database) {
        RuleStore(database).clear();
        database.after_commit([this] { publish({}); });
    });
}

std::vector<Json> RuleBook::list() const {
    std::vector<Json> rules;
    for (const auto& entry : snapshot()->entries) {
        rules.push_back(entry->document);
        rules.back()["hits"] = entry->hits.load();
    }
    return rules;
}

std::size_t RuleBook::size() const { return snapshot()->entries.size(); }

std::size_t RuleBook::start_rules_in_force() const {
    const auto present = snapshot();
    return static_cast<std::size_t>(std::count_if(present->entries.begin(), present->entries.end(),
                                                  [](const auto& entry) { return entry->from_start; }));
}

/// The start rules as they were given, so that the counts of one whose text has not changed go on.
std::multimap<std::string, std::shared_ptr<RuleBook::Entry>> RuleBook::start_rules_by_text(
    const Entries& present) {
    std::multimap<std::string, std::shared_ptr<Entry>> by_text;
    for (const auto& entry : present) {
        if (!entry->from_start) continue;
        Json given = entry->document;
        if (!entry->is_named) given.erase("id");
        by_text.emplace(to_text(given), entry);
    }
    return by_text;
}

void RuleBook::start_rules(const std::vector<Json>& documents) {
    replace_start_rules(documents, snapshot()->entries);
}

void RuleBook::replace_start_rules(const std::vector<Json>& documents, const Entries& present) {
    auto same = start_rules_by_text(present);
    Entries fresh;
    for (const Json& document : documents) {
        const auto found = same.find(to_text(document));
        fresh.push_back(found == same.end() ? entry_of(document, "", true) : found->second);
        if (found != same.end()) same.erase(found);
    }
    std::reverse(fresh.begin(), fresh.end());  // the last one stands in front
    for (std::size_t index = 0; index < fresh.size(); ++index) {
        for (std::size_t other = 0; other < index; ++other) {
            if (fresh[other]->rule.id != fresh[index]->rule.id) continue;
            throw InputError(409, "RuleExists",
                             fmt::format("two rules are called {}", fresh[index]->rule.id));
        }
    }
    std::vector<std::string> replaced;
    storage_.write([&](Database& database) {
        RuleStore store(database);
        store.remove_start_rules();
        Entries kept;
        for (const auto& entry : fresh) {
            if (store.has(entry->rule.id)) {
                replaced.push_back(entry->rule.id);
                continue;
            }
            store.insert_behind({entry->rule.id, to_text(entry->document), true});
            kept.push_back(entry);
        }
        database.after_commit([this, kept] {
            Entries entries = snapshot()->entries;
            std::erase_if(entries, [](const auto& entry) { return entry->from_start; });
            entries.insert(entries.end(), kept.begin(), kept.end());
            publish(std::move(entries));
        });
    });
    tell_replaced(replaced);
    const std::lock_guard lock(mutex_);
    start_documents_ = documents;
}

void RuleBook::reset() {
    std::vector<Json> documents;
    {
        const std::lock_guard lock(mutex_);
        documents = start_documents_;
    }
    clear();
    if (!documents.empty()) replace_start_rules(documents, {});  // counted anew
}

bool RuleBook::when_holds(const Entry& entry, std::uint64_t call, Instant now, const char*& failed) const {
    const When& when = entry.rule.when;
    failed = nullptr;
    if (call < when.calls_from || call > when.calls_to) {
        failed = "/when/calls";
    } else if (call % when.every != 0) {
        failed = "/when/every";
    } else if (when.from && now < *when.from) {
        failed = "/when/from";
    } else if (when.until && now >= *when.until) {
        failed = "/when/until";
    } else if (when.probability) {
        const double drawn = when.seed ? repeatable_unit(*when.seed, call) : random_.unit();
        if (drawn >= *when.probability) failed = "/when/probability";
    }
    return failed == nullptr;
}

/// Counts the call for the rule when it matches; false when the rule does not hold.
bool RuleBook::takes_part(const Snapshot& present, std::uint32_t rule, const Judged& call,
                          Verdicts& verdicts) const {
    Entry& entry = *present.entries[rule];
    if (auto failure = first_failure(entry.rule.match, call.invocation)) {
        // Another model's rule is no near miss.
        if (failure->pointer != "/match/modelId")
            verdicts.miss({failure->held, rule, std::move(failure->pointer)});
        return false;
    }
    const std::uint64_t number = entry.calls.fetch_add(1) + 1;
    const char* failed = nullptr;
    if (entry.rule.when.given && !when_holds(entry, number, call.now, failed)) {
        constexpr int more_than_any_match = 1'000'000;
        verdicts.miss({more_than_any_match, rule, failed});
        return false;
    }
    return true;
}

/// What the index left out would have failed, too: the nearest of those that would have been judged.
void RuleBook::add_left_out(const Snapshot& present, const RuleIndex::Selection& selection,
                            Verdicts& verdicts) {
    std::size_t told = 0;
    for (const RuleIndex::Miss& miss : selection.view->misses) {
        if (told == near_misses_max) return;
        const bool not_judged = verdicts.completed_at && miss.rule > *verdicts.completed_at &&
                                !present.entries[miss.rule]->rule.when.given;
        if (not_judged || selection.has_found(miss.rule)) continue;
        verdicts.miss({miss.held, miss.rule, present.index().pointer_of(miss)});
        ++told;
    }
}

/// Turns the chosen entries into the decision, counting their hits.
void RuleBook::settle(const Verdicts& verdicts, Decision& decision) {
    for (const auto& entry : verdicts.used) {
        const Entry* own = entry.get();
        const auto take = [&](const Entry* chosen, std::shared_ptr<const Rule>& aspect) {
            if (chosen == own) aspect = std::shared_ptr<const Rule>(entry, &entry->rule);
            return chosen == own;
        };
        bool part = take(verdicts.latency, decision.latency);
        part |= take(verdicts.error, decision.error);
        part |= take(verdicts.stream, decision.stream);
        if (take(verdicts.respond, decision.respond)) {
            decision.response = &entry->rule.respond->answer(entry->answers.fetch_add(1));
            part = true;
        }
        if (!part) continue;
        entry->hits.fetch_add(1);
        decision.rules.push_back(entry->rule.id);
    }
}

/// Nobody answered: rules for other models may be what the user meant.
void RuleBook::look_farther(const Snapshot& present, const Invocation& invocation, Verdicts& verdicts) {
    const std::size_t looked_at = std::min(present.entries.size(), far_misses_looked_at);
    for (std::uint32_t rule = 0; rule < looked_at && verdicts.misses.size() < near_misses_max; ++rule) {
        auto failure = first_failure(present.entries[rule]->rule.match, invocation);
        if (failure && failure->pointer == "/match/modelId")
            verdicts.miss({-1, rule, std::move(failure->pointer)});
    }
}

Decision RuleBook::decide(const Invocation& invocation, Instant now) {
    const auto present = snapshot();
    Decision decision;
    if (present->entries.empty()) return decision;

    Verdicts verdicts;
    verdicts.streamed = is_streamed(invocation);
    const auto selection = present->index().select(invocation);
    selection.each([&](std::uint32_t index) {
        const auto& entry = present->entries[index];
        const Rule& rule = entry->rule;
        if (verdicts.completed_at && !rule.when.given) return;  // nothing to count, nothing to take
        if (!takes_part(*present, index, {invocation, now}, verdicts)) return;
        if (rule.respond && verdicts.respond == nullptr) verdicts.respond = entry.get();
        if (rule.latency && verdicts.latency == nullptr) verdicts.latency = entry.get();
        if (rule.error && verdicts.error == nullptr) verdicts.error = entry.get();
        if (rule.stream && verdicts.streamed && verdicts.stream == nullptr) verdicts.stream = entry.get();
        verdicts.used.push_back(entry);
        if (verdicts.complete() && !verdicts.completed_at) verdicts.completed_at = index;
    });
    add_left_out(*present, selection, verdicts);
    if (verdicts.refused()) verdicts.respond = verdicts.stream = nullptr;

    settle(verdicts, decision);
    if (!decision.respond && !decision.error) look_farther(*present, invocation, verdicts);
    for (auto& miss : verdicts.misses)
        decision.near_misses.push_back({present->entries[miss.rule]->rule.id, std::move(miss.pointer)});
    return decision;
}

}  // namespace rockwatch::rules
