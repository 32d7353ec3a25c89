#include "option_table.hpp"

#include "core/error.hpp"
#include "option_values.hpp"
#include "support/catch.hpp"

using namespace rockwatch;

namespace {

/// What the option says to the value; empty: it takes it.
std::string complaint(std::string_view option, const std::string& text) {
    Options options;
    try {
        find_option(option)->read(options, text);
    } catch (const WrongValue& wrong) {
        return wrong.what();
    }
    return "";
}

}  // namespace

TEST_CASE("the default that the help shows is the one that counts", "[options]") {
    for (const OptionRow& row : option_rows()) {
        if (row.unset.empty()) continue;
        CAPTURE(std::string(row.name));
        Options read;
        row.read(read, std::string(row.unset));
        const Options unset;
        CHECK(read.host == unset.host);
        CHECK(read.port == unset.port);
        CHECK(read.db == unset.db);
        CHECK(read.durability == unset.durability);
        CHECK(read.watch == unset.watch);
        CHECK(read.region == unset.region);
        CHECK(read.account == unset.account);
        CHECK(read.auth == unset.auth);
        CHECK(read.iam == unset.iam);
        CHECK(read.runtime.unmatched == unset.runtime.unmatched);
        CHECK(read.runtime.unknown_models == unset.runtime.unknown_models);
        CHECK(read.runtime.latency == unset.runtime.latency);
        CHECK(read.runtime.invocation_log == unset.runtime.invocation_log);
        CHECK(read.seed == unset.seed);
        CHECK(read.keep_alive_seconds == unset.keep_alive_seconds);
        CHECK(read.max_body == unset.max_body);
        CHECK(read.max_connections == unset.max_connections);
        CHECK(read.workers_max == unset.workers_max);
        CHECK(read.journal == unset.journal);
        CHECK(read.log_level == unset.log_level);
        CHECK(read.log_format == unset.log_format);
    }
}

TEST_CASE("an option's variable is its name in capitals", "[options]") {
    CHECK(variable_of("max-body") == "ROCKWATCH_MAX_BODY");
    CHECK(variable_of("db") == "ROCKWATCH_DB");
}

TEST_CASE("a value that an option does not take is told what it takes", "[options]") {
    struct Row {
        std::string option;
        std::string value;
        std::string complaint;
    };
    const auto row = GENERATE(values<Row>({
        {"port", "65535", ""},
        {"port", "65536", "must be a whole number from 0 to 65535"},
        {"port", "http", "must be a whole number from 0 to 65535"},
        {"port", "80 ", "must be a whole number from 0 to 65535"},
        {"max-body", "1024", ""},
        {"max-body", "1KiB", ""},
        {"max-body", "64 MiB", ""},
        {"max-body", "1023", "must be a number of bytes from 1 KiB to 1024 GiB, such as 67108864 or 64MiB"},
        {"max-body", "99999999999999999GiB",
         "must be a number of bytes from 1 KiB to 1024 GiB, such as 67108864 or 64MiB"},
        {"max-body", "64MB", "must be a number of bytes from 1 KiB to 1024 GiB, such as 67108864 or 64MiB"},
        {"max-db-size", "1MiB",
         "must be a number of bytes from 4 MiB to 1024 GiB, such as 67108864 or 64MiB"},
        {"auth", "on", "must be off or verify"},
        {"log-level", "loud", "must be trace, debug, info, warn, error or off"},
        {"watch", "yes", "must be true, false, 1 or 0"},
        {"clock", "scaled:60", ""},
        {"clock", "scaled:0", "the speed must be a number above 0 and at most 1000000"},
        {"clock", "scaled:fast", "the speed must be a number above 0 and at most 1000000"},
        {"clock", "stopped", "must be real, frozen or scaled:N"},
        {"now", "1767225600000", ""},
        {"now", "tomorrow", "must be ISO 8601 with Z (2026-01-01T00:00:00Z), or epoch milliseconds"},
        {"account", "12", "must be an account id: 12 digits"},
        {"region", "Europe", "must be a region such as eu-west-1"},
        {"host-name", "http://box", "must be a host name or an address, not a URL"},
        {"cors-origin", "app.example", "must be an origin as browsers send it: https://app.example"},
        {"cors-origin", "https://app.example/", "must be an origin as browsers send it: https://app.example"},
        {"cors-origin", "https://app.example", ""},
        {"db", "", "must be a file, or :memory:, not empty"},
        {"seed", "-1", "must be a whole number from 0 to 9223372036854775807"},
    }));
    CAPTURE(row.option, row.value);
    CHECK(complaint(row.option, row.value) == row.complaint);
}

TEST_CASE("a destination is an ARN and a URL", "[options]") {
    const auto good = GENERATE(values<std::string>(
        {"arn:aws:lambda:us-east-1:000000000000:function:f=http://127.0.0.1:9000/f?a=b", "*=http://sink/",
         "arn:aws:kinesis:*=https://localhost", "arn:*:function:f=http://[::1]:1/"}));
    CAPTURE(good);
    CHECK(complaint("destination", good) == "");
}

TEST_CASE("a destination that leads nowhere is refused", "[options]") {
    const auto bad = GENERATE(values<std::string>(
        {"arn:aws:lambda:us-east-1:000000000000:function:f", "http://127.0.0.1:9000/", "=http://127.0.0.1/",
         "lambda=http://127.0.0.1/", "arn:aws:lambda=http://127.0.0.1/",
         "arn:aws:lambda:us-east-1:000000000000:function:f=", "arn:aws:lambda:*=ftp://127.0.0.1/",
         "arn:aws:lambda:*=127.0.0.1:9000", "arn:aws:lambda:*=http://127.1/",
         "arn:aws:sqs:us-east-1:000000000000:q=http://127.0.0.1/", "arn:aws:sns:*=http://127.0.0.1/"}));
    CAPTURE(bad);
    CHECK(complaint("destination", bad) != "");
}

TEST_CASE("a destination that the outbox would never call stops the start", "[options]") {
    struct Row {
        std::string url;
        std::vector<std::string> allowed;
        bool fine;
    };
    const auto row = GENERATE(values<Row>({{"http://127.0.0.1:9/", {}, true},
                                           {"http://sink/", {}, true},
                                           {"http://hooks.example/", {}, false},
                                           {"http://hooks.example/", {"hooks.example"}, true},
                                           {"http://169.254.169.254/", {"169.254.169.254"}, false}}));
    CAPTURE(row.url);
    Options options;
    options.destinations = {{.arn = "*", .url = row.url}};
    options.allow_outbound = row.allowed;
    if (row.fine) {
        CHECK_NOTHROW(check_together(options));
    } else {
        CHECK_THROWS_AS(check_together(options), InputError);
    }
}

TEST_CASE("options that need each other are asked for together", "[options]") {
    Options watch;
    watch.watch = true;
    CHECK_THROWS_AS(check_together(watch), InputError);
    watch.rules = {"rules.json"};
    CHECK_NOTHROW(check_together(watch));
    Options verify;
    verify.auth = Auth::verify;
    CHECK_THROWS_AS(check_together(verify), InputError);
    verify.credentials = "keys.json";
    CHECK_NOTHROW(check_together(verify));
    verify.auth = Auth::off;
    CHECK_THROWS_AS(check_together(verify), InputError);
}

TEST_CASE("sizes are shown as people write them", "[options]") {
    CHECK(bytes_text(64 << 20) == "64 MiB");
    CHECK(bytes_text(1536) == "1.5 KiB");
    CHECK(bytes_text(3 << 10) == "3 KiB");
    CHECK(bytes_text(12) == "12 bytes");
}
