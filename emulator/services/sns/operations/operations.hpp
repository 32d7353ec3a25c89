#pragma once

#include "services/sns/service.hpp"

/// The operations of SNS. Each takes checked JSON and answers JSON or throws.
namespace rockwatch::sns {

Json create_topic(Write& sns, const Caller& caller, const Json& input);
Json delete_topic(Write& sns, const Caller& caller, const Json& input);
Json get_topic_attributes(Read& sns, const Caller& caller, const Json& input);
Json list_tags_for_resource(Read& sns, const Caller& caller, const Json& input);
Json list_topics(Read& sns, const Caller& caller, const Json& input);
Json set_topic_attributes(Write& sns, const Caller& caller, const Json& input);
Json tag_resource(Write& sns, const Caller& caller, const Json& input);
Json untag_resource(Write& sns, const Caller& caller, const Json& input);

Json confirm_subscription(Write& sns, const Caller& caller, const Json& input);
Json get_subscription_attributes(Read& sns, const Caller& caller, const Json& input);
Json list_subscriptions(Read& sns, const Caller& caller, const Json& input);
Json list_subscriptions_by_topic(Read& sns, const Caller& caller, const Json& input);
Json set_subscription_attributes(Write& sns, const Caller& caller, const Json& input);
Json subscribe(Write& sns, const Caller& caller, const Json& input);
Json unsubscribe(Write& sns, const Caller& caller, const Json& input);

Json publish(Write& sns, const Caller& caller, const Json& input);
Json publish_batch(Write& sns, const Caller& caller, const Json& input);

/// The topic that an ARN means; throws InvalidParameter or NotFound. `parameter` names it in errors.
Topic find_topic(const TopicReader& topics, const Caller& caller, const std::string& arn,
                 std::string_view parameter = "TopicArn");

/// Where a list goes on, as an opaque text, and back; throws InvalidParameter when it is not one of ours.
std::string page_token(const std::string& last);
std::string read_page_token(const Json& input);

inline constexpr std::size_t page_size = 100;

}  // namespace rockwatch::sns
