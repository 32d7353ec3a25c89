#include "banner.hpp"

#include "support/catch.hpp"

using namespace rockwatch;

namespace {

BannerFacts plain() {
    return {.version = "1.2.3",
            .addresses = {"127.0.0.1:4566", "[::1]:4566"},
            .database = "rockwatch.db",
            .defaults = {"000000000000", "us-east-1"},
            .variables = {{"AWS_ENDPOINT_URL", "http://127.0.0.1:4566"}, {"AWS_REGION", "us-east-1"}}};
}

bool says(const BannerFacts& facts, const std::string& text) {
    return banner(facts).find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("the banner tells where the server is and what to export, and ends with Ready.", "[banner]") {
    CHECK(banner(plain()) ==
          "Rockwatch 1.2.3: Amazon Bedrock and CloudWatch on this machine\n"
          "\n"
          "  listens on http://127.0.0.1:4566, http://[::1]:4566\n"
          "  database   rockwatch.db (new)\n"
          "  account    000000000000, region us-east-1\n"
          "\n"
          "  export AWS_ENDPOINT_URL='http://127.0.0.1:4566'\n"
          "  export AWS_REGION='us-east-1'\n"
          "\n"
          "Ready.\n");
}

TEST_CASE("the banner tells what is unlike the usual", "[banner]") {
    BannerFacts facts = plain();
    CHECK_FALSE(says(facts, "clock"));
    CHECK_FALSE(says(facts, "rules"));
    CHECK_FALSE(says(facts, "Warning"));
    facts.kept_bytes = 3 << 20;
    facts.clock = "frozen at 2026-01-01T00:00:00Z";
    facts.rules = 3;
    facts.rule_paths = {"a.json", "more"};
    facts.watches_rules = true;
    facts.is_open_to_all = true;
    CHECK(says(facts, "  database   rockwatch.db (3 MiB, kept from last time)\n"));
    CHECK(says(facts, "  clock      frozen at 2026-01-01T00:00:00Z\n"));
    CHECK(says(facts, "  rules      3 from a.json, more, watched\n"));
    CHECK(says(facts, "Warning: every machine that reaches this one can call it."));
    facts.database = ":memory:";
    CHECK(says(facts, "  database   in memory, gone at the end\n"));
}

TEST_CASE("the banner tells against what callers are verified", "[banner]") {
    BannerFacts facts = plain();
    facts.credentials = "keys.json";
    facts.callers = 2;
    CHECK(says(facts, "  callers    verified against keys.json (2 credentials)\n"));
    CHECK(says(facts, "rockwatch env"));
}
