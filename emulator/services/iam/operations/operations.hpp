#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/iam/policy_grammar.hpp"
#include "services/iam/service.hpp"

namespace rockwatch::iam {

Json create_role(Write& iam, const Caller& caller, const Json& input);
Json get_role(Read& iam, const Caller& caller, const Json& input);
Json list_roles(Read& iam, const Caller& caller, const Json& input);
Json update_role(Write& iam, const Caller& caller, const Json& input);
Json update_assume_role_policy(Write& iam, const Caller& caller, const Json& input);
Json delete_role(Write& iam, const Caller& caller, const Json& input);
Json list_instance_profiles_for_role(Read& iam, const Caller& caller, const Json& input);

Json put_role_policy(Write& iam, const Caller& caller, const Json& input);
Json get_role_policy(Read& iam, const Caller& caller, const Json& input);
Json list_role_policies(Read& iam, const Caller& caller, const Json& input);
Json delete_role_policy(Write& iam, const Caller& caller, const Json& input);
Json attach_role_policy(Write& iam, const Caller& caller, const Json& input);
Json detach_role_policy(Write& iam, const Caller& caller, const Json& input);
Json list_attached_role_policies(Read& iam, const Caller& caller, const Json& input);

Json create_policy(Write& iam, const Caller& caller, const Json& input);
Json get_policy(Read& iam, const Caller& caller, const Json& input);
Json get_policy_version(Read& iam, const Caller& caller, const Json& input);
Json list_policies(Read& iam, const Caller& caller, const Json& input);
Json list_policy_versions(Read& iam, const Caller& caller, const Json& input);
Json delete_policy(Write& iam, const Caller& caller, const Json& input);

Json tag_role(Write& iam, const Caller& caller, const Json& input);
Json untag_role(Write& iam, const Caller& caller, const Json& input);
Json list_role_tags(Read& iam, const Caller& caller, const Json& input);

/// AROA and 17 characters, as AWS makes them.
std::string new_id(Random& random, std::string_view prefix);

/// The role that RoleName names. Throws NoSuchEntity.
Role existing_role(RoleReader& roles, const Caller& caller, const Json& input);

/// The document, when it is a policy of that kind. Throws MalformedPolicyDocument.
std::string checked_policy(const Json& document, PolicyKind kind);

/// Stores the input's Tags.
void put_tags(TagWriter& tags, std::string_view arn, const Json& input);
/// As the API lists them.
Json tags_json(TagReader& tags, std::string_view arn);

/// An element of a list, and what it is listed by.
using Listed = std::pair<std::string, Json>;

/// The page of `elements` (in order) that Marker and MaxItems ask for, under `member`. Throws
/// ValidationError.
Json page_of(std::string_view member, std::vector<Listed> elements, const Json& input);

/// Dates of IAM have whole seconds.
std::int64_t date_ms(Instant instant);

}  // namespace rockwatch::iam
