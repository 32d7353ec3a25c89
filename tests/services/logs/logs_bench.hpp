#pragma once

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/text_time.hpp"
#include "services/logs/service.hpp"
#include "support/catch.hpp"

namespace rockwatch::logs {

/// Keeps what it hears of log events.
class NotedLogs : public LogListener {
public:
    bool is_listening() const override { return listens; }
    void taken(const TakenLogs& logs) override { heard.push_back(logs); }

    bool listens = false;
    std::vector<TakenLogs> heard;
};

/// CloudWatch Logs alone, over a database in memory or in a file, with its clock in our hand. Inputs are
/// taken as the gateway hands them in: checked by the model.
class LogsBench {
public:
    explicit LogsBench(const std::string& path = ":memory:")
        : storage_({.path = path, .writer_thread = false}, owners_),
          service_(storage_, agenda_, clock_, listener) {
        clock_.set(ClockMode::frozen, *parse_iso("2026-01-01T00:00:00Z"));
        service_.start();
    }

    Json call(std::string_view operation, const Json& input) {
        return call(operation, input, caller("000000000000", "us-east-1"));
    }

    Json call(std::string_view operation, const Json& input, const Caller& who) {
        const auto access = service_.access(operation);
        REQUIRE(access.has_value());
        if (*access == Access::write) {
            return storage_.write([&](Database& database) {
                return service_.call(operation, database, clock_.now(), who, input);
            });
        }
        const auto lease = storage_.read();
        return service_.call(operation, *lease, clock_.now(), who, input);
    }

    /// The error that the call is answered with.
    ServiceError refusal(std::string_view operation, const Json& input) {
        try {
            call(operation, input);
        } catch (const ServiceError& error) {
            return error;
        }
        FAIL(operation << " was answered with success");
        return {"", ""};
    }

    void check_refusal(std::string_view operation, const Json& input, std::string_view code,
                       std::string_view message) {
        const ServiceError error = refusal(operation, input);
        CHECK(error.code == code);
        CHECK(error.message == message);
    }

    static Caller caller(std::string account, std::string region) {
        Caller who;
        who.account = std::move(account);
        who.region = std::move(region);
        return who;
    }

    void make_stream(const std::string& group, const std::string& stream) {
        if (!service_.has_group(*storage_.read(), caller("000000000000", "us-east-1"), group)) {
            call("CreateLogGroup", {{"logGroupName", group}});
        }
        call("CreateLogStream", {{"logGroupName", group}, {"logStreamName", stream}});
    }

    /// One message, `ago_ms` before now.
    Json put(const std::string& group, const std::string& stream, const std::string& message,
             std::int64_t ago_ms = 0) {
        return call("PutLogEvents",
                    {{"logGroupName", group},
                     {"logStreamName", stream},
                     {"logEvents", {{{"timestamp", now_ms() - ago_ms}, {"message", message}}}}});
    }

    void set_now(const std::string& iso) { clock_.set(ClockMode::frozen, *parse_iso(iso)); }
    std::int64_t now_ms() const { return epoch_ms(clock_.now()); }
    void advance(Milliseconds duration) {
        const Instant until = clock_.now() + duration;
        agenda_.run_until(until, clock_);
        clock_.advance_to(until);
    }

    Storage& storage() { return storage_; }
    Logs& service() { return service_; }
    Agenda& agenda() { return agenda_; }

    NotedLogs listener;

private:
    std::vector<Migrations> owners_ = {migrations()};
    Storage storage_;
    Agenda agenda_;
    VirtualClock clock_;
    Logs service_;
};

/// The messages of an answer, in its order.
inline std::vector<std::string> messages_of(const Json& answer) {
    std::vector<std::string> messages;
    for (const Json& event : answer.at("events")) messages.push_back(event.at("message"));
    return messages;
}

inline Json case_file(const std::string& name) {
    const std::string path = std::string(ROCKWATCH_SOURCE_DIR) + "/tests/cases/logs/" + name;
    std::ifstream file(path);
    CAPTURE(path);
    REQUIRE(file.good());
    std::stringstream text;
    text << file.rdbuf();
    return Json::parse(text.str());
}

}  // namespace rockwatch::logs
