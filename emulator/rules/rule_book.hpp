#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"
#include "core/json.hpp"
#include "core/random.hpp"
#include "rules/match.hpp"
#include "rules/reply_plan.hpp"
#include "rules/rule.hpp"
#include "rules/rule_index.hpp"
#include "storage/storage.hpp"

namespace rockwatch::rules {

/// The tables of rules and quotas.
Migrations migrations();

/// What the rules say about one invocation: for each aspect the first matching rule that has it.
struct Decision {
    std::shared_ptr<const Rule> respond;  ///< rules are shared with the book, which may drop them meanwhile
    std::shared_ptr<const Rule> latency;
    std::shared_ptr<const Rule> error;
    std::shared_ptr<const Rule> stream;
    const Response* response = nullptr;  ///< of `respond`: the sequence's turn

    std::vector<std::string> rules;  ///< ids of those that took part, in matching order
    std::vector<InvocationNotes::NearMiss> near_misses;
};

/// The rules in force, in matching order: what was added later stands in front. Thread-safe: deciding reads a
/// snapshot in memory; changes are committed first and seen then. Hit counts live in memory alone.
///
/// Chosen: a list is added element by element, so its last element stands in front.
class RuleBook {
public:
    RuleBook(Storage& storage, Random& random);

    /// Adds one rule or {"rules":[…]}, all or none, in front of the present ones. Ids are made up where
    /// absent. The stored rules, in the request's order. Throws InputError: 400 InvalidRule (in a list the
    /// path starts with /rules/N), 409 RuleExists, 400 TooManyRules.
    std::vector<Json> add(const Json& request);

    /// Replaces the rule of that id where it stands, or adds it in front. True when it was made anew.
    bool put(const std::string& id, const Json& document);
    /// False when there is no such rule.
    bool remove(const std::string& id);
    void clear();

    /// Every rule with its `hits`, in matching order.
    std::vector<Json> list() const;
    std::size_t size() const;

    /// The rules of the command line. They stand behind what was added by calls, replace those of the last
    /// start (or of an older version of a watched file: one whose text is the same keeps its counts), and
    /// come back after a reset. One whose id a call has taken is not in force, and the log says so. Throws
    /// InputError.
    void start_rules(const std::vector<Json>& documents);
    std::size_t start_rules_in_force() const;
    /// Back to the start rules.
    void reset();

    /// Counts the call and says what the rules want. `now` is the emulator's time.
    Decision decide(const Invocation& invocation, Instant now);

private:
    struct Entry;
    struct Snapshot;
    using Entries = std::vector<std::shared_ptr<Entry>>;
    struct Verdicts;

    std::shared_ptr<const Snapshot> snapshot() const;
    void publish(Entries entries);
    std::shared_ptr<Entry> entry_of(const Json& document, const std::string& prefix, bool from_start);
    static std::multimap<std::string, std::shared_ptr<Entry>> start_rules_by_text(const Entries& present);
    void replace_start_rules(const std::vector<Json>& documents, const Entries& present);
    struct Judged {
        const Invocation& invocation;
        Instant now;
    };
    bool takes_part(const Snapshot& present, std::uint32_t rule, const Judged& call,
                    Verdicts& verdicts) const;
    static void add_left_out(const Snapshot& present, const RuleIndex::Selection& selection,
                             Verdicts& verdicts);
    static void settle(const Verdicts& verdicts, Decision& decision);
    static void look_farther(const Snapshot& present, const Invocation& invocation, Verdicts& verdicts);
    bool when_holds(const Entry& entry, std::uint64_t call, Instant now, const char*& failed) const;

    Storage& storage_;
    Random& random_;
    mutable std::mutex mutex_;                  // guards the two below
    std::shared_ptr<const Snapshot> snapshot_;  // shared: calls decide on the one that they started with
    std::vector<Json> start_documents_;
};

}  // namespace rockwatch::rules
