#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/text_time.hpp"
#include "services/bedrock/service.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock {

/// A role directory that answers what a test tells it to.
struct ScriptedRoles : RoleDirectory {
    std::optional<std::string> answer;
    std::vector<RoleUse> asked;

    std::optional<std::string> refusal(Database& /*database*/, const RoleUse& use) override {
        asked.push_back(use);
        return answer;
    }
};

/// Log groups by name, and the lines that were written.
struct RecordedLogs : LogSink {
    std::set<std::string> groups;
    struct Written {
        std::string group;
        std::string stream;
        std::string message;
        Instant at;
    };
    std::vector<Written> written;

    bool has_group(Database& /*database*/, const Owner& /*owner*/, std::string_view group) override {
        return groups.contains(std::string(group));
    }
    bool put(Database& /*database*/, const Owner& /*owner*/, std::string_view group, std::string_view stream,
             std::span<const LogLine> lines, Instant /*now*/) override {
        if (!groups.contains(std::string(group))) return false;
        for (const LogLine& line : lines) {
            written.push_back({std::string(group), std::string(stream), line.message, line.timestamp});
        }
        return true;
    }
};

/// The service over a database of its own, with its neighbours played by the test.
struct BedrockWorld {
    explicit BedrockWorld(const std::string& path = ":memory:")
        : steps{migrations()}, storage({.path = path, .writer_thread = false}, steps) {
        clock.set(ClockMode::frozen, *parse_iso("2026-11-23T12:00:00Z"));
        caller.account = "123456789012";
        caller.region = "us-east-1";
    }

    Json call(std::string_view operation, const Json& input = Json::object()) {
        const auto run = [&](Database& database) {
            return bedrock.call(operation, database, clock.now(), caller, input);
        };
        if (bedrock.access(operation) == Access::write) return storage.write(run);
        const auto lease = storage.read();
        return run(*lease);
    }

    /// Code and message of the error that the call answers; empty when it answers none.
    std::string error(std::string_view operation, const Json& input) {
        try {
            call(operation, input);
            return {};
        } catch (const ServiceError& error) {
            return error.code + ": " + error.message;
        }
    }

    std::vector<Migrations> steps;
    Storage storage;
    VirtualClock clock;
    ScriptedRoles roles;
    RecordedLogs logs;
    Caller caller;
    Bedrock bedrock{storage, clock, roles, logs};
};

}  // namespace rockwatch::bedrock
