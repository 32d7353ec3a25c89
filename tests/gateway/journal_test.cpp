#include "gateway/journal.hpp"

#include "support/catch.hpp"

using namespace rockwatch;

namespace {

JournalEntry entry(const std::string& operation, int status) {
    JournalEntry made;
    made.service = "bedrock-runtime";
    made.operation = operation;
    made.status = status;
    made.time = from_epoch_ms(1'767'225'600'000);
    made.notes.model_id = "amazon.nova-lite-v1:0";
    return made;
}

}  // namespace

TEST_CASE("the journal tells calls oldest first and pages by id", "[journal]") {
    Journal journal(10);
    for (const int status : {200, 400, 200}) journal.add(entry("Converse", status));
    const Json page = journal.list({.limit = 2});
    REQUIRE(page.at("calls").size() == 2);
    CHECK(page.at("calls")[0].at("id") == 1);
    CHECK(page.at("next") == "2");
    const Json rest = journal.list({.after = 2, .limit = 2});
    REQUIRE(rest.at("calls").size() == 1);
    CHECK(rest.at("calls")[0].at("id") == 3);
    CHECK_FALSE(rest.contains("next"));
}

TEST_CASE("the journal keeps the newest calls alone", "[journal]") {
    Journal journal(2);
    for (int count = 0; count < 5; ++count) journal.add(entry("Converse", 200));
    const Json calls = journal.list({}).at("calls");
    REQUIRE(calls.size() == 2);
    CHECK(calls[0].at("id") == 4);
}

TEST_CASE("the journal filters by service, operation, model, status and time", "[journal]") {
    Journal journal(10);
    journal.add(entry("Converse", 200));
    journal.add(entry("InvokeModel", 429));
    CHECK(journal.list({.operation = "InvokeModel"}).at("calls").size() == 1);
    CHECK(journal.list({.service = "logs"}).at("calls").empty());
    CHECK(journal.list({.model_id = "amazon.*"}).at("calls").size() == 2);
    CHECK(journal.list({.status = 429}).at("calls")[0].at("operation") == "InvokeModel");
    CHECK(journal.list({.since = from_epoch_ms(1'767'225'600'001)}).at("calls").empty());
}

TEST_CASE("the journal tells bodies as JSON where they are JSON, as text where they are text", "[journal]") {
    Journal journal(10);
    JournalEntry made = entry("InvokeModel", 200);
    made.request.text = R"({"inputText":"hi"})";
    made.response.text = "\xff\xfe";
    journal.add(made);
    const Json call = journal.list({}).at("calls")[0];
    CHECK(call.at("request").at("inputText") == "hi");
    CHECK(call.at("response") == "//4=");
    CHECK(call.at("error").is_null());
    CHECK(call.at("time") == "2026-01-01T00:00:00.000Z");
}

TEST_CASE("a body larger than the journal keeps is named, not kept", "[journal]") {
    Journal journal(10);
    JournalEntry made = entry("InvokeModel", 200);
    made.request.text = std::string(300'000, 'x');
    journal.add(made);
    CHECK(journal.list({}).at("calls")[0].at("request").at("bytes") == 300'000);
}
