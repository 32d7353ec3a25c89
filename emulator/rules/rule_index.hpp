#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "rules/literal.hpp"
#include "rules/match.hpp"
#include "rules/rule_key.hpp"

namespace rockwatch::rules {

/// Which rules of a book a call may match, without judging each of them: ten thousand rules for other models,
/// prompts or tools cost a call next to nothing. Thread-safe; references must outlive it.
///
/// What it leaves out would fail, and it knows where: near misses are as if every rule had been judged.
class RuleIndex {
public:
    struct Entry {
        const Match& match;
        const std::optional<RuleKey>& key;
    };

    /// A rule that fails for all calls of a model and operation (or for those that lack its key), and where.
    struct Miss {
        std::uint32_t rule;
        int held;
        bool at_operation;
    };

    /// What is known of the rules for one model and operation.
    struct View {
        std::vector<std::uint32_t> judged;  ///< ascending: no key to look them up by
        std::vector<bool> keyed;            ///< by rule
        std::vector<Miss> misses;           ///< the nearest first; of keyed rules, should they not be found
    };

    struct Selection {
        std::shared_ptr<const View> view;  // shared: views are dropped when there are many
        std::vector<std::uint32_t> found;  ///< keyed rules, ascending

        bool has_found(std::uint32_t rule) const;
        /// Calls `action` with each rule that may match, in matching order.
        template <class F>
        void each(F&& action) const;
    };

    /// In matching order.
    explicit RuleIndex(std::vector<Entry> entries);

    Selection select(const Invocation& invocation) const;
    std::string pointer_of(const Miss& miss) const;

private:
    std::shared_ptr<const View> view_of(const Invocation& invocation) const;
    View make_view(const Invocation& invocation) const;
    std::vector<std::uint32_t> keys_found(const Invocation& invocation) const;

    std::vector<Entry> entries_;
    bool uses_keys_;
    bool names_arns_ = false;
    TermsInUse terms_in_use_;
    std::unordered_map<std::string, std::vector<std::uint32_t>> by_term_;
    LiteralIndex prompts_;
    LiteralIndex systems_;
    LiteralIndex messages_;
    mutable std::mutex mutex_;  // guards the views
    mutable std::unordered_map<std::string, std::shared_ptr<const View>> views_;
};

template <class F>
void RuleIndex::Selection::each(F&& action) const {
    auto next_found = found.begin();
    for (const std::uint32_t rule : view->judged) {
        while (next_found != found.end() && *next_found < rule) action(*next_found++);
        action(rule);
    }
    while (next_found != found.end()) action(*next_found++);
}

}  // namespace rockwatch::rules
