#include "support/test_world.hpp"

#include "core/text_time.hpp"

namespace rockwatch {

namespace {

WorldOptions frozen_at(std::string_view now, WorldOptions options) {
    options.clock = ClockStart{.mode = ClockMode::frozen, .now = parse_iso(now).value()};
    return options;
}

}  // namespace

deliveries::SendResult RecordingSender::send(const deliveries::OutgoingPost& post) {
    sent.push_back(post);
    return answer;
}

TestWorld::TestWorld(std::string_view now, WorldOptions options)
    : world(frozen_at(now, std::move(options)), sender) {}

Json TestWorld::call(std::string_view service, std::string_view operation, const Json& input) {
    Caller caller = world.default_caller();
    caller.request_id = "11111111-2222-4333-8444-555555555555";
    return world.gateway().call(service, operation, caller, input);
}

HttpReply TestWorld::http(std::string method, std::string target, Headers headers, std::string body) {
    TextBody stream(std::move(body));
    if (headers.find("Host") == nullptr) headers.add("Host", "127.0.0.1:4566");
    HttpRequest request{.method = std::move(method),
                        .target = std::move(target),
                        .headers = std::move(headers),
                        .body = &stream};
    HttpReply reply = world.gateway().answer(request);
    if (reply.on_complete) reply.on_complete();
    return reply;
}

void TestWorld::put_metric(std::string_view metric_namespace, std::string_view metric, double value) {
    call("cloudwatch", "PutMetricData",
         {{"Namespace", metric_namespace},
          {"MetricData", Json::array({{{"MetricName", metric}, {"Value", value}}})}});
}

std::string TestWorld::alarm_state(std::string_view name) {
    const Json answer = call("cloudwatch", "DescribeAlarms", {{"AlarmNames", Json::array({name})}});
    return answer.at("MetricAlarms").at(0).at("StateValue");
}

}  // namespace rockwatch
