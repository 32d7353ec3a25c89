#include "shell.hpp"

#include "support/catch.hpp"

using namespace rockwatch;

TEST_CASE("a value survives the quoting of every shell", "[shell]") {
    struct Row {
        std::string shell;
        std::string value;
        std::string line;
    };
    const auto row = GENERATE(values<Row>({
        {"sh", "http://127.0.0.1:4566", "export N='http://127.0.0.1:4566'\n"},
        {"sh", "it's $HOME", "export N='it'\\''s $HOME'\n"},
        {"fish", "it's \\ $HOME", "set -gx N 'it\\'s \\\\ $HOME'\n"},
        {"powershell", "it's $HOME", "$Env:N = 'it''s $HOME'\n"},
        {"dotenv", "http://127.0.0.1:4566", "N=http://127.0.0.1:4566\n"},
        {"dotenv", "a b#c", "N='a b#c'\n"},
        {"dotenv", "it's \"$HOME\"", "N=\"it's \\\"\\$HOME\\\"\"\n"},
    }));
    CAPTURE(row.shell, row.value);
    CHECK(assignment(row.shell, "N", row.value) == row.line);
}

TEST_CASE("json is an object of the variables in their order", "[shell]") {
    CHECK(assignments("json", {{"B", "1"}, {"A", "\"2\""}}) ==
          "{\n  \"B\": \"1\",\n  \"A\": \"\\\"2\\\"\"\n}\n");
}

TEST_CASE("a client reaches the server where it listens, and on loopback when it listens everywhere",
          "[shell]") {
    struct Row {
        std::string host;
        std::string endpoint;
    };
    const auto row = GENERATE(values<Row>({{"localhost", "http://127.0.0.1:1"},
                                           {"0.0.0.0", "http://127.0.0.1:1"},
                                           {"::", "http://[::1]:1"},
                                           {"::1", "http://[::1]:1"},
                                           {"192.0.2.7", "http://192.0.2.7:1"},
                                           {"box.local", "http://box.local:1"}}));
    CAPTURE(row.host);
    CHECK(endpoint_of(row.host, 1) == row.endpoint);
}

TEST_CASE("the variables hold credentials that will do", "[shell]") {
    const auto find = [](const Variables& all, const std::string& name) {
        for (const auto& [one, value] : all) {
            if (one == name) return value;
        }
        return std::string("none");
    };
    Options options;
    options.region = "eu-west-1";
    const Variables open = variables_for(options, "http://127.0.0.1:1", nullptr);
    CHECK(find(open, "AWS_ENDPOINT_URL") == "http://127.0.0.1:1");
    CHECK(find(open, "AWS_REGION") == "eu-west-1");
    CHECK(find(open, "AWS_DEFAULT_REGION") == "eu-west-1");
    CHECK(find(open, "AWS_ACCESS_KEY_ID") == "test");

    Credentials known{
        .keys = {{.access_key = "A", .secret_key = "S", .session_token = "T", .region = "us-west-2"}}};
    const Variables verified = variables_for(options, "http://127.0.0.1:1", &known);
    CHECK(find(verified, "AWS_ACCESS_KEY_ID") == "A");
    CHECK(find(verified, "AWS_SECRET_ACCESS_KEY") == "S");
    CHECK(find(verified, "AWS_SESSION_TOKEN") == "T");
    CHECK(find(verified, "AWS_REGION") == "us-west-2");

    known = {.tokens = {{.token = "B"}}};
    CHECK(find(variables_for(options, "http://127.0.0.1:1", &known), "AWS_BEARER_TOKEN_BEDROCK") == "B");
}

TEST_CASE("what would lead an SDK past the endpoint is known by name", "[shell]") {
    CHECK(leads_elsewhere("AWS_ENDPOINT_URL_BEDROCK_RUNTIME"));
    CHECK(leads_elsewhere("AWS_PROFILE"));
    CHECK_FALSE(leads_elsewhere("AWS_ENDPOINT_URL"));
    CHECK_FALSE(leads_elsewhere("AWS_CONFIG_FILE"));
}
