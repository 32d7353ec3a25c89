#include "rules/rule_index.hpp"

#include <algorithm>

#include "rules/conversation.hpp"

namespace rockwatch::rules {

namespace {

// Fewer rules are judged faster than a text is searched for all literals at once.
constexpr std::size_t rules_for_keys_min = 32;
constexpr std::size_t views_max = 128;

bool names_arn(const Match& match) {
    return std::any_of(match.model_ids.begin(), match.model_ids.end(), may_match_arn);
}

}  // namespace

bool RuleIndex::Selection::has_found(std::uint32_t rule) const {
    return std::binary_search(found.begin(), found.end(), rule);
}

RuleIndex::RuleIndex(std::vector<Entry> entries)
    : entries_(std::move(entries)), uses_keys_(entries_.size() >= rules_for_keys_min) {
    for (std::uint32_t rule = 0; rule < entries_.size(); ++rule) {
        names_arns_ = names_arns_ || names_arn(entries_[rule].match);
        const auto& key = entries_[rule].key;
        if (!uses_keys_ || !key) continue;
        if (key->kind == RuleKey::Kind::term) use(terms_in_use_, *key);
        for (const std::string& text : key->texts) {
            switch (key->kind) {
                case RuleKey::Kind::prompt:
                    prompts_.add(text, rule);
                    break;
                case RuleKey::Kind::system:
                    systems_.add(text, rule);
                    break;
                case RuleKey::Kind::any_message:
                    messages_.add(text, rule);
                    break;
                case RuleKey::Kind::term:
                    by_term_[text].push_back(rule);
                    break;
            }
        }
    }
    for (LiteralIndex* literals : {&prompts_, &systems_, &messages_}) literals->build();
}

RuleIndex::View RuleIndex::make_view(const Invocation& invocation) const {
    View view;
    view.keyed.resize(entries_.size());
    for (std::uint32_t rule = 0; rule < entries_.size(); ++rule) {
        const auto& [match, key] = entries_[rule];
        if (!match.model_ids.empty() && !names_model(match, invocation)) continue;
        const int held = match.model_ids.empty() ? 0 : 1;
        if (!match.operations.empty() && !names_operation(match, invocation)) {
            view.misses.push_back({rule, held, true});
        } else if (uses_keys_ && key) {
            view.keyed[rule] = true;
            view.misses.push_back({rule, held + (match.operations.empty() ? 0 : 1), false});
        } else {
            view.judged.push_back(rule);
        }
    }
    std::stable_sort(view.misses.begin(), view.misses.end(),
                     [](const Miss& one, const Miss& other) { return one.held > other.held; });
    return view;
}

std::shared_ptr<const RuleIndex::View> RuleIndex::view_of(const Invocation& invocation) const {
    const auto& parts = invocation.parts();
    std::string name(parts.operation);
    for (const std::string_view part : {parts.model_id, parts.foundation_model_id}) (name += '\n') += part;
    if (names_arns_) ((name += '\n') += parts.caller.region) += parts.caller.account;
    {
        const std::lock_guard lock(mutex_);
        const auto known = views_.find(name);
        if (known != views_.end()) return known->second;
    }
    auto view = std::make_shared<const View>(make_view(invocation));
    const std::lock_guard lock(mutex_);
    if (views_.size() >= views_max) views_.clear();
    views_[std::move(name)] = view;
    return view;
}

std::vector<std::uint32_t> RuleIndex::keys_found(const Invocation& invocation) const {
    std::vector<std::uint32_t> found;
    if (!prompts_.empty()) prompts_.find(invocation.prompt(), found);
    if (!systems_.empty()) systems_.find(invocation.system(), found);
    if (!messages_.empty()) {
        for (const Json& message : elements(invocation.parts().converse, "messages"))
            messages_.find(text_of_blocks(elements(message, "content")), found);
    }
    if (by_term_.empty()) return found;
    for (const std::string& term : terms_of(invocation, terms_in_use_)) {
        const auto rules = by_term_.find(term);
        if (rules != by_term_.end()) found.insert(found.end(), rules->second.begin(), rules->second.end());
    }
    return found;
}

RuleIndex::Selection RuleIndex::select(const Invocation& invocation) const {
    Selection selection{.view = view_of(invocation)};
    if (!uses_keys_) return selection;
    selection.found = keys_found(invocation);
    auto& found = selection.found;
    std::erase_if(found, [&](std::uint32_t rule) { return !selection.view->keyed[rule]; });
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return selection;
}

std::string RuleIndex::pointer_of(const Miss& miss) const {
    return miss.at_operation ? "/match/operation" : entries_[miss.rule].key->pointer;
}

}  // namespace rockwatch::rules
