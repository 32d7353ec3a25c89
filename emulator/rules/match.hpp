#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/caller.hpp"
#include "core/json.hpp"
#include "rules/rule.hpp"

namespace rockwatch::rules {

/// What rules look at in one invocation. Views and references must outlive it; texts are gathered on first
/// use.
class Invocation {
public:
    struct Parts {
        std::string_view operation;            ///< Converse
        std::string_view model_id;             ///< as called: an id, an inference profile's id, an ARN
        std::string_view foundation_model_id;  ///< what it leads to; empty when nobody knows
        const Caller& caller;
        const Json& converse;            ///< the request in Converse terms
        const Json& body;                ///< the request as sent: Converse's, or the native body
        const Json* metadata = nullptr;  ///< requestMetadata
    };

    explicit Invocation(const Parts& parts);

    const Parts& parts() const { return parts_; }
    /// All names of the model but the ARNs made from them: as called, the id in a called ARN, the foundation
    /// model.
    const std::vector<std::string_view>& model_names() const { return model_names_; }
    /// ARNs of the model when it was called by an id: the foundation model's and the inference profile's.
    const std::vector<std::string>& model_arns() const;
    const std::string& prompt() const;
    const std::string& system() const;

private:
    Parts parts_;
    std::vector<std::string_view> model_names_;
    mutable std::optional<std::vector<std::string>> model_arns_;
    mutable std::optional<std::string> prompt_;
    mutable std::optional<std::string> system_;
};

/// Why a rule does not match.
struct Failure {
    std::string pointer;  ///< the first condition that does not hold: /match/prompt
    int held = 0;         ///< how many conditions before it do
};

/// Whether a glob of models could match an ARN: most begin with something else.
bool may_match_arn(const std::string& glob);
/// The conditions on model and operation, which must be given.
bool names_model(const Match& match, const Invocation& invocation);
bool names_operation(const Match& match, const Invocation& invocation);

/// Where the pointer leads, or nullptr. Never throws: the body is anybody's, and nlohmann throws at an index
/// beyond 64 bits.
const Json* value_at(const Json& body, const Json::json_pointer& path);

/// Nullopt when every condition of `match` holds. Pure.
std::optional<Failure> first_failure(const Match& match, const Invocation& invocation);

/// The groups of the rule's prompt pattern in the invocation's prompt, the whole match first.
std::vector<std::string_view> prompt_groups(const Match& match, const Invocation& invocation);

}  // namespace rockwatch::rules
