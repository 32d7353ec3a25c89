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

/// A structure of so many small values.
Json numbers(int count) {
    Json tree = Json::object();
    for (int number = 0; number < count; ++number) tree[std::to_string(number)] = number;
    return tree;
}

/// How many of a thousand such calls the journal keeps.
std::size_t kept_of_a_thousand(const JournalEntry& made) {
    Journal journal(10'000);
    for (int count = 0; count < 1'000; ++count) journal.add(made);
    return journal.size();
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

TEST_CASE("a tree that takes more memory than the journal keeps is named by its size on the wire",
          "[journal]") {
    Journal journal(10);
    JournalEntry made = entry("PutLogEvents", 200);
    made.request = {.tree = {{"name", "g"}, {"events", numbers(10'000)}}, .text = {}, .bytes = 98'765};
    made.response = {.tree = Json::array({std::string(300'000, 'x')}), .text = {}, .bytes = 300'004};
    journal.add(made);
    made.request.bytes = 0;
    made.response = {.tree = numbers(1'000)};
    journal.add(made);
    const Json calls = journal.list({}).at("calls");
    CHECK(calls[0].at("request").contains("leftOut"));
    CHECK(calls[0].at("request").at("bytes") == 98'765);
    CHECK(calls[0].at("response").at("bytes") == 300'004);
    CHECK(calls[1].at("request").at("bytes") > 1024 * 1024);  // nobody knows more
    CHECK(calls[1].at("response") == numbers(1'000));
}

TEST_CASE("the journal holds 64 MiB, whatever a call is made of", "[journal]") {
    JournalEntry text = entry("InvokeModel", 200);
    text.request.text = std::string(200'000, 'x');
    CHECK(kept_of_a_thousand(text) < 400);
    JournalEntry tree = entry("PutLogEvents", 200);
    tree.response.tree = numbers(1'500);
    CHECK(kept_of_a_thousand(tree) < 600);
    JournalEntry message = entry("Converse", 400);
    message.error_code = "ValidationException";
    message.error_message = std::string(500'000, 'x');
    message.request.text = std::string(100'000, 'x');
    CHECK(kept_of_a_thousand(message) < 450);
    JournalEntry unknown = entry("CreateTopic", 200);
    unknown.ignored = Ignored(200, std::string(5'000, 'x'));
    CHECK(kept_of_a_thousand(unknown) < 400);
    CHECK(kept_of_a_thousand(entry("Converse", 200)) == 1'000);
}

TEST_CASE("long texts are cut, and of ignored members the first hundred are told", "[journal]") {
    Journal journal(10);
    JournalEntry made = entry(std::string(5'000, 'o'), 400);
    made.error_code = "InvalidAction";
    made.error_message = std::string(65'535, 'x') + "\u00e9";  // no half of a letter
    made.ignored = {"/input/" + std::string(5'000, 'x')};
    for (int number = 1; number < 200; ++number) made.ignored.push_back("/input/" + std::to_string(number));
    journal.add(made);
    const Json call = journal.list({}).at("calls")[0];
    CHECK(call.at("operation").get<std::string>().size() == 2'048);
    CHECK(call.at("error").at("message") == std::string(65'535, 'x'));
    REQUIRE(call.at("ignored").size() == 100);
    CHECK(call.at("ignored")[0].get<std::string>().size() == 2'048);
    CHECK(call.at("ignored")[99] == "/input/99");
}
