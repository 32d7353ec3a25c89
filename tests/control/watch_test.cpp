#include <chrono>
#include <future>

#include "support/catch.hpp"
#include "test_control.hpp"

using namespace rockwatch;

namespace {

Json alarm(const std::string& name) {
    return {{"AlarmName", name},
            {"Namespace", "App"},
            {"MetricName", "Latency"},
            {"Statistic", "Maximum"},
            {"Period", 60},
            {"EvaluationPeriods", 1},
            {"Threshold", 100},
            {"ComparisonOperator", "GreaterThanThreshold"}};
}

Json set_state(const std::string& name, const std::string& state) {
    return {{"AlarmName", name}, {"StateValue", state}, {"StateReason", "a test"}};
}

HttpReply converse(TestControl& control) {
    return control.world.http("POST", "/model/amazon.nova-lite-v1%3A0/converse",
                              {{"Content-Type", "application/json"}},
                              R"({"messages":[{"role":"user","content":[{"text":"hi"}]}]})");
}

}  // namespace

TEST_CASE("a wait answers at once what holds already", "[control][wait]") {
    TestControl control;
    control.world.call("cloudwatch", "PutMetricAlarm", alarm("slow"));
    control.world.call("cloudwatch", "SetAlarmState", set_state("slow", "ALARM"));
    const auto by_alarm = control.call("GET", "/_rockwatch/wait?alarm=slow&state=ALARM");
    CHECK(by_alarm.status == 200);
    CHECK(by_alarm.body == Json{{"alarm", "slow"},
                                {"accountId", "000000000000"},
                                {"region", "us-east-1"},
                                {"state", "ALARM"},
                                {"since", "2026-01-01T00:00:00.000Z"},
                                {"reason", "a test"}});

    const Json topic = control.world.call("sns", "CreateTopic", {{"Name", "oncall"}}).at("TopicArn");
    control.world.call("sns", "Publish", {{"TopicArn", topic}, {"Message", "help"}});
    const auto by_delivery = control.call("GET", "/_rockwatch/wait?delivery=*:oncall");
    CHECK(by_delivery.status == 200);
    CHECK(by_delivery.body.at("delivery").at("status") == "captured");

    converse(control);
    const auto by_call =
        control.call("GET", "/_rockwatch/wait?call=Converse&service=bedrock-runtime&status=200");
    CHECK(by_call.status == 200);
    CHECK(by_call.body.at("call").at("operation") == "Converse");
}

TEST_CASE("a wait that is in vain tells the present state with 408", "[control][wait]") {
    TestControl control;
    const auto nobody = control.call("GET", "/_rockwatch/wait?alarm=slow&state=ALARM&timeout=0");
    CHECK(nobody.status == 408);
    CHECK(nobody.body.at("state") == nullptr);
    CHECK(nobody.body.at("error").at("message") == "after 0 s there is no alarm slow");
    control.world.call("cloudwatch", "PutMetricAlarm", alarm("slow"));
    control.world.call("cloudwatch", "SetAlarmState", set_state("slow", "OK"));
    const auto wrong = control.call("GET", "/_rockwatch/wait?alarm=slow&state=ALARM&timeout=0.001");
    CHECK(wrong.status == 408);
    CHECK(wrong.body.at("error").at("code") == "WaitTimeout");
    CHECK(wrong.body.at("error").at("message") == "after 0.001 s the alarm slow is OK, not ALARM");
    CHECK(wrong.body.at("state") == "OK");
    CHECK(control.call("GET", "/_rockwatch/wait?delivery=*&timeout=0").body.at("deliveries") ==
          Json::array());
    CHECK(control.call("GET", "/_rockwatch/wait?call=Converse&timeout=0").status == 408);
}

TEST_CASE("a wait since a time sees what has passed since, and not what was before", "[control][wait]") {
    TestControl control;
    control.world.call("cloudwatch", "PutMetricAlarm", alarm("slow"));
    control.world.call("cloudwatch", "SetAlarmState", set_state("slow", "ALARM"));
    converse(control);
    const Json topic = control.world.call("sns", "CreateTopic", {{"Name", "oncall"}}).at("TopicArn");
    control.world.call("sns", "Publish", {{"TopicArn", topic}, {"Message", "help"}});
    const auto status = [&](const std::string& wish) {
        return control.call("GET", "/_rockwatch/wait?timeout=0&" + wish).status;
    };
    CHECK(status("alarm=slow&state=ALARM&since=2026-01-01T00:00:00Z") == 200);
    CHECK(status("alarm=slow&state=ALARM&since=2026-01-01T00:00:01Z") == 408);
    CHECK(status("call=Converse&since=2026-01-01T00:00:01Z") == 408);
    CHECK(status("delivery=*&since=1767225601000") == 408);
    CHECK(status("delivery=*&since=1767225600000") == 200);
    control.world.advance(std::chrono::seconds{5});
    control.world.call("cloudwatch", "SetAlarmState", set_state("slow", "OK"));
    CHECK(status("alarm=slow&state=ALARM") == 408);
    CHECK(status("alarm=slow&state=ALARM&since=2026-01-01T00:00:00Z") == 200);  // it was, meanwhile
}

TEST_CASE("an alarm of an earlier test fires for nobody after a reset", "[control][wait]") {
    TestControl control;
    control.world.call("cloudwatch", "PutMetricAlarm", alarm("slow"));
    control.world.call("cloudwatch", "SetAlarmState", set_state("slow", "ALARM"));
    const std::string wish = "/_rockwatch/wait?alarm=slow&state=ALARM&since=2026-01-01T00:00:00Z&timeout=0";
    CHECK(control.call("GET", wish).status == 200);
    control.call("POST", "/_rockwatch/reset", {{"scopes", {"alarms"}}});
    CHECK(control.call("GET", wish).status == 408);
}

TEST_CASE("a delivery that is still to be tried again is not waited for as if it had ended",
          "[control][wait]") {
    TestControl control;
    const Json topic = control.world.call("sns", "CreateTopic", {{"Name", "oncall"}}).at("TopicArn");
    control.world.sender.answer = {.error = "connection refused"};
    control.world.call("sns", "Subscribe",
                       {{"TopicArn", topic}, {"Protocol", "http"}, {"Endpoint", "http://127.0.0.1:9/hook"}});
    control.world.advance(Milliseconds{0});
    const std::string wish = "/_rockwatch/wait?timeout=0&delivery=http://127.0.0.1:9/*";
    const auto open = control.call("GET", wish);
    CHECK(open.status == 408);
    CHECK(open.body.at("deliveries").at(0).at("status") == "pending");
    CHECK(control.call("GET", wish + "&status=pending").status == 200);
    control.world.advance(std::chrono::minutes{5});
    CHECK(control.call("GET", wish).body.at("delivery").at("status") == "failed");
    CHECK(control.call("GET", wish + "&status=delivered").status == 408);
}

TEST_CASE("a wait goes on until what it waits for happens", "[control][wait]") {
    TestControl control;
    control.world.call("cloudwatch", "PutMetricAlarm", alarm("slow"));
    auto waiting = std::async(std::launch::async, [&] {
        return control.call("GET", "/_rockwatch/wait?alarm=slow&state=ALARM&timeout=20").status;
    });
    // Whether it has begun to wait by now or not, it may miss nothing.
    control.world.call("cloudwatch", "SetAlarmState", set_state("slow", "OK"));
    control.world.call("cloudwatch", "SetAlarmState", set_state("slow", "ALARM"));
    CHECK(waiting.get() == 200);

    auto stopped = std::async(std::launch::async, [&] {
        return control.call("GET", "/_rockwatch/wait?call=Converse&timeout=20").status;
    });
    control.world.world.stop_waiting();
    CHECK(stopped.get() == 408);
}

TEST_CASE("a wish that makes no sense is refused with its place", "[control][wait][refusal]") {
    TestControl control;
    struct Row {
        const char* query;
        const char* path;
    };
    const Row rows[] = {{"", ""},
                        {"alarm=a", "/state"},
                        {"alarm=a&state=BAD", "/state"},
                        {"alarm=a&state=OK&status=200", "/status"},
                        {"alarm=a&state=OK&call=Converse", ""},
                        {"call=Converse&state=OK", "/state"},
                        {"call=Converse&status=OK", "/status"},
                        {"call=Converse&timeout=601", "/timeout"},
                        {"call=Converse&timeout=soon", "/timeout"},
                        {"call=Converse&timeout=nan", "/timeout"},
                        {"call=Converse&since=yesterday", "/since"},
                        {"delivery=*&status=lost", "/status"},
                        {"call=", "/call"},
                        {"delivery=", "/delivery"},
                        {"delivery=*&service=sns", "/service"},
                        {"alarm=a&state=OK&modelId=m", "/modelId"},
                        {"call=Converse&a/b=1", "/a~1b"},
                        {"delivery=*&colour=red", "/colour"}};
    for (const Row& row : rows) {
        CAPTURE(row.query);
        const auto answer = control.call("GET", std::string("/_rockwatch/wait?") + row.query);
        CHECK(answer.status == 400);
        CHECK(answer.body.at("error").value("path", "") == row.path);
    }
}

TEST_CASE("events tell calls, alarms, deliveries and log events as they happen", "[control][events]") {
    TestControl control;
    converse(control);  // before anybody follows
    const HttpReply reply = control.http("GET", "/_rockwatch/events");
    REQUIRE(reply.live);
    CHECK(reply.headers.get("Content-Type") == "text/event-stream; charset=utf-8");
    int rings = 0;
    reply.live->on_news([&] { ++rings; });
    CHECK(reply.live->take() == ":\n\n");
    CHECK(reply.live->take().empty());

    converse(control);
    CHECK(rings == 1);
    const std::string call = reply.live->take();
    CHECK_THAT(call, StartsWith("id: 1\nevent: call\ndata: {"));
    CHECK_THAT(call, ContainsSubstring(R"("operation":"Converse")"));
    CHECK(call.ends_with("}\n\n"));

    control.world.call("cloudwatch", "PutMetricAlarm", alarm("slow"));
    control.world.call("cloudwatch", "SetAlarmState", set_state("slow", "ALARM"));
    CHECK_THAT(reply.live->take(),
               StartsWith("id: 2\nevent: alarm\ndata: {") && ContainsSubstring(R"("to":"ALARM")"));

    const Json topic = control.world.call("sns", "CreateTopic", {{"Name", "oncall"}}).at("TopicArn");
    control.world.call("sns", "Publish", {{"TopicArn", topic}, {"Message", "help"}});
    CHECK_THAT(reply.live->take(),
               StartsWith("id: 3\nevent: delivery\ndata: {") && ContainsSubstring(R"("status":"captured")"));

    control.world.call("logs", "CreateLogGroup", {{"logGroupName", "g"}});
    control.world.call("logs", "CreateLogStream", {{"logGroupName", "g"}, {"logStreamName", "s"}});
    const Json event = {{"timestamp", 1'767'225'600'000}, {"message", "line\nbreak"}};
    control.world.call("logs", "PutLogEvents",
                       {{"logGroupName", "g"}, {"logStreamName", "s"}, {"logEvents", {event}}});
    CHECK_THAT(reply.live->take(), StartsWith("id: 4\nevent: log\ndata: {") &&
                                       ContainsSubstring(R"("logGroupName":"g","logStreamName":"s")") &&
                                       ContainsSubstring(R"("message":"line\nbreak")"));
    reply.live->on_news({});
    converse(control);
    CHECK(rings == 4);
    CHECK_FALSE(reply.live->has_ended());
    control.world.world.stop_waiting();
    CHECK(reply.live->has_ended());
}

TEST_CASE("events are chosen by type, taken up after an id, and counted when lost", "[control][events]") {
    TestControl control;
    const HttpReply first = control.http("GET", "/_rockwatch/events?types=alarm,delivery");
    first.live->take();
    for (int calls = 0; calls < 3; ++calls) converse(control);
    CHECK(first.live->take().empty());

    const auto after = [&](Headers headers, const std::string& query = "") {
        return control.http("GET", "/_rockwatch/events" + query, "", std::move(headers)).live->take();
    };
    CHECK_THAT(after({{"Last-Event-ID", "2"}}), StartsWith(":\n\nid: 3\n"));
    CHECK_THAT(after({}, "?after=1"), StartsWith(":\n\nid: 2\n"));
    CHECK(after({{"Last-Event-ID", "3"}}) == ":\n\n");
    CHECK(after({{"Last-Event-ID", "9000"}}) == ":\n\n");
    for (int calls = 0; calls < 1'001; ++calls) converse(control);
    CHECK_THAT(after({{"Last-Event-ID", "2"}}),
               StartsWith(":\n\nevent: lost\ndata: {\"events\":2}\n\nid: 5\n"));

    CHECK(control.call("GET", "/_rockwatch/events?types=calls").body.at("error").at("path") == "/types");
    CHECK(control.call("GET", "/_rockwatch/events?after=x").body.at("error").at("path") == "/after");
}

TEST_CASE("only so many follow the events at once", "[control][events]") {
    TestControl control;
    std::vector<HttpReply> followers;
    for (int number = 0; number < 256; ++number)
        followers.push_back(control.http("GET", "/_rockwatch/events"));
    const auto refused = control.call("GET", "/_rockwatch/events");
    CHECK(refused.status == 409);
    CHECK(refused.body.at("error").at("code") == "TooManyFollowers");
    followers.pop_back();
    CHECK(control.http("GET", "/_rockwatch/events").status == 200);
}

TEST_CASE("metrics count calls by service, operation and status", "[control][metrics]") {
    TestControl control;
    converse(control);
    converse(control);
    control.world.http("POST", "/model/none/converse", {{"Content-Type", "application/json"}}, "{}");
    control.world.http("POST", "/", {{"X-Amz-Target", "Logs_20140328.Nonsense"}}, "{}");
    const HttpReply reply = control.http("GET", "/_rockwatch/metrics");
    CHECK(reply.headers.get("Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
    const auto& text = reply.body;
    CHECK_THAT(text, ContainsSubstring("# TYPE rockwatch_requests_total counter\n"));
    const std::string row =
        R"(rockwatch_requests_total{service="bedrock-runtime",operation="Converse",status=)";
    CHECK_THAT(text, ContainsSubstring(row + "\"200\"} 2\n"));
    CHECK_THAT(text, ContainsSubstring(row + "\"400\"} 1\n"));
    CHECK_THAT(text, ContainsSubstring(
                         R"(rockwatch_requests_total{service="logs",operation="unknown",status="400"} 1)"));
    CHECK_THAT(text,
               ContainsSubstring(R"(rockwatch_request_duration_seconds_count{service="bedrock-runtime"} 3)"));
    CHECK_THAT(text, ContainsSubstring(R"(_bucket{service="bedrock-runtime",le="+Inf"} 3)"));
    CHECK_THAT(text, ContainsSubstring("rockwatch_journal_entries 4\n"));
    CHECK_THAT(text, ContainsSubstring("rockwatch_clock_seconds 1767225600\n"));
    CHECK_THAT(text, ContainsSubstring("rockwatch_build_info{version=\"1.2.3\"} 1\n"));
}
