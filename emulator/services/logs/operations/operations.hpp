#pragma once

#include "services/logs/service.hpp"

/// The operations of CloudWatch Logs, by the file they stand in. Each is named as AWS names it.
namespace rockwatch::logs {

// groups.cpp
Json create_log_group(Writing& logs, const Caller& caller, const Json& input);
Json delete_log_group(Writing& logs, const Caller& caller, const Json& input);
Json put_retention_policy(Writing& logs, const Caller& caller, const Json& input);
Json delete_retention_policy(Writing& logs, const Caller& caller, const Json& input);
Json put_log_group_deletion_protection(Writing& logs, const Caller& caller, const Json& input);
Json associate_kms_key(Writing& logs, const Caller& caller, const Json& input);
Json disassociate_kms_key(Writing& logs, const Caller& caller, const Json& input);

// list_groups.cpp
Json describe_log_groups(Reading& logs, const Caller& caller, const Json& input);
Json list_log_groups(Reading& logs, const Caller& caller, const Json& input);

// tags.cpp
Json tag_resource(Writing& logs, const Caller& caller, const Json& input);
Json untag_resource(Writing& logs, const Caller& caller, const Json& input);
Json list_tags_for_resource(Reading& logs, const Caller& caller, const Json& input);
Json tag_log_group(Writing& logs, const Caller& caller, const Json& input);
Json untag_log_group(Writing& logs, const Caller& caller, const Json& input);
Json list_tags_log_group(Reading& logs, const Caller& caller, const Json& input);

// streams.cpp
Json create_log_stream(Writing& logs, const Caller& caller, const Json& input);
Json delete_log_stream(Writing& logs, const Caller& caller, const Json& input);
Json describe_log_streams(Reading& logs, const Caller& caller, const Json& input);

// put_events.cpp
Json put_log_events(Writing& logs, const Caller& caller, const Json& input);

// get_events.cpp
Json get_log_events(Reading& logs, const Caller& caller, const Json& input);

// filter_events.cpp
Json filter_log_events(Reading& logs, const Caller& caller, const Json& input);

}  // namespace rockwatch::logs
