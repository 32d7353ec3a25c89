#include "network.hpp"

#include "core/instant.hpp"

namespace rockwatch::simulation {

deliveries::SendResult scripted_result(const std::string& url, int attempt) {
    const std::string kind = url.substr(url.rfind('/') + 1);
    if (kind == "e500") return {.status = 500, .error = "the server answered 500"};
    if (kind == "e404") return {.status = 404, .error = "the server answered 404"};
    if (kind == "silent") return {.error = "no answer in time"};
    if (kind == "refused") return {.error = "nobody listens"};
    if (kind == "flaky" && attempt < 3) return {.status = 503, .error = "the server answered 503"};
    return {.status = 200};
}

deliveries::SendResult ScriptedNetwork::send(const deliveries::OutgoingPost& post) {
    Arrival arrival{.at = epoch_ms(clock_->now()),
                    .url = post.url,
                    .type = std::string(post.headers.get("x-amz-sns-message-type")),
                    .message_id = std::string(post.headers.get("x-amz-sns-message-id")),
                    .body = post.body};
    const int attempt = ++attempts_[{arrival.url, arrival.message_id}];
    arrivals_.push_back(std::move(arrival));
    return scripted_result(post.url, attempt);
}

}  // namespace rockwatch::simulation
