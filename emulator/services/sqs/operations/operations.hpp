#pragma once

#include "services/sqs/service.hpp"

/// The operations of SQS. Each takes checked JSON and answers JSON or throws.
namespace rockwatch::sqs {

Json create_queue(Write& sqs, const Caller& caller, const Json& input);
Json delete_queue(Write& sqs, const Caller& caller, const Json& input);
Json get_queue_attributes(Read& sqs, const Caller& caller, const Json& input);
Json get_queue_url(Read& sqs, const Caller& caller, const Json& input);
Json list_queue_tags(Read& sqs, const Caller& caller, const Json& input);
Json list_queues(Read& sqs, const Caller& caller, const Json& input);
Json purge_queue(Write& sqs, const Caller& caller, const Json& input);
Json set_queue_attributes(Write& sqs, const Caller& caller, const Json& input);
Json tag_queue(Write& sqs, const Caller& caller, const Json& input);
Json untag_queue(Write& sqs, const Caller& caller, const Json& input);

Json change_message_visibility(Write& sqs, const Caller& caller, const Json& input);
Json change_message_visibility_batch(Write& sqs, const Caller& caller, const Json& input);
Json delete_message(Write& sqs, const Caller& caller, const Json& input);
Json delete_message_batch(Write& sqs, const Caller& caller, const Json& input);
Json receive_message(Write& sqs, const Caller& caller, const Json& input);
Json send_message(Write& sqs, const Caller& caller, const Json& input);
Json send_message_batch(Write& sqs, const Caller& caller, const Json& input);

/// The queue that a QueueUrl means; throws InvalidAddress or QueueDoesNotExist.
Queue find_queue(const QueueReader& queues, const Caller& caller, const Json& input);

/// Puts a checked message into its queue, with the queue's delay unless `delay` is given; returns its id.
std::string put_message(Write& sqs, const Queue& queue, Message message,
                        std::optional<std::chrono::seconds> delay);

}  // namespace rockwatch::sqs
