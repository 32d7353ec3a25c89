#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/json.hpp"

/// What IAM policy documents allow. Pure: documents and values in, verdicts out. Documents are anything JSON;
/// a part that has not the form it should have does not match.
///
/// Source: IAM user guide, "Policy evaluation logic", "IAM JSON policy elements reference".
namespace rockwatch::iam {

/// Condition keys (lower case: aws:sourceaccount) and their values in this request.
using Context = std::map<std::string, std::string, std::less<>>;

enum class Judgement { silent, allowed, denied };

struct Verdict {
    Judgement judgement = Judgement::silent;
    /// Silent, but an Allow statement would have matched had its conditions held.
    bool conditions_failed = false;
};

/// Who asks to assume a role: a service (bedrock.amazonaws.com) or an AWS principal by its ARN.
struct Principal {
    enum class Kind { service, aws };
    Kind kind = Kind::service;
    std::string id;
};

/// Does a trust policy let `principal` do `action` (sts:AssumeRole)?
Verdict judge_trust(const Json& policy, const Principal& principal, std::string_view action,
                    const Context& context);

/// Does an identity policy let its owner do `action` on the resource of that ARN?
Verdict judge_permission(const Json& policy, std::string_view action, std::string_view resource,
                         const Context& context);

/// The verdict of several policies together: an explicit Deny wins, then an Allow.
Verdict combined(Verdict first, Verdict second);

}  // namespace rockwatch::iam
