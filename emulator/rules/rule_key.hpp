#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "rules/match.hpp"
#include "rules/rule.hpp"

namespace rockwatch::rules {

/// The condition by which a rule is looked up rather than judged: the first one behind model and operation. A
/// call that lacks it fails there, so the rule's near miss is known without a look at the call's other parts.
struct RuleKey {
    enum class Kind {
        prompt,       ///< the prompt must contain one of the literals `texts`
        system,       ///< likewise
        any_message,  ///< likewise
        term,         ///< the one in `texts` is among the call's terms when the condition holds
    };
    Kind kind = Kind::term;
    std::vector<std::string> texts;
    std::string pointer;                     ///< /match/prompt
    std::optional<Json::json_pointer> body;  ///< of a body condition: where it looks
};

/// Nullopt when the rule has no such condition, or one that can only be tried: a pattern without a literal, a
/// body value that is a list or an object. Pure.
std::optional<RuleKey> key_of(const Match& match);

/// Which parts of calls the terms of some rules ask for.
struct TermsInUse {
    bool tools = false;
    bool tool_results = false;
    bool turns = false;
    bool metadata = false;
    bool callers = false;
    std::set<std::string> body;  ///< JSON pointers
};
void use(TermsInUse& terms, const RuleKey& key);

/// What holds for the call, of the parts in use.
std::vector<std::string> terms_of(const Invocation& invocation, const TermsInUse& used);

}  // namespace rockwatch::rules
