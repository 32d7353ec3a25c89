#pragma once

#include <string>

#include "services/sns/service.hpp"

namespace rockwatch::sns {

/// Sends a notice to everybody who is subscribed and whose filter accepts it, as part of the change in
/// progress: SQS messages lie in their queues when it commits, the rest is in the outbox.
void fan_out(Write& sns, const Topic& topic, const Notice& notice, const std::string& base_url);

/// Keeps a notice that nobody gets, for a test to look at. `error`: why; empty when nobody is subscribed.
void keep_unsent(Write& sns, const Owner& owner, const Notice& notice, std::string error = {});

enum class ConfirmationType { subscribe, unsubscribe };

/// Tells an endpoint that it was (un)subscribed, with the token that (re)confirms.
void send_confirmation(Write& sns, const Topic& topic, const Subscription& subscription,
                       ConfirmationType type, const Caller& caller, const std::string& base_url);

/// How the client reaches us, for links.
std::string links_base(const Write& sns, const Caller& caller);

}  // namespace rockwatch::sns
