#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "core/text_time.hpp"
#include "services/iam/service.hpp"
#include "services/sts/service.hpp"
#include "support/catch.hpp"

namespace rockwatch::iam {

inline Json case_file(const std::string& name) {
    std::ifstream file(std::string(ROCKWATCH_SOURCE_DIR "/tests/cases/iam/") + name);
    std::stringstream text;
    text << file.rdbuf();
    auto cases = parse_json(text.str());
    REQUIRE(cases.has_value());
    return std::move(*cases);
}

/// IAM and STS over one database.
struct IamWorld {
    explicit IamWorld(IamMode mode = IamMode::lenient, const std::string& path = ":memory:")
        : steps{iam::migrations(), sts::migrations()},
          storage({.path = path, .writer_thread = false}, steps),
          iam(storage, clock, random, mode) {
        clock.set(ClockMode::frozen, *parse_iso("2026-11-23T12:00:00.789Z"));
        caller.account = "123456789012";
        caller.region = "us-east-1";
        caller.principal_arn = "arn:aws:iam::123456789012:root";
    }

    Json call(Service& service, std::string_view operation, const Json& input = Json::object()) {
        const auto run = [&](Database& database) {
            return service.call(operation, database, clock.now(), caller, input);
        };
        if (service.access(operation) == Access::write) return storage.write(run);
        const auto lease = storage.read();
        return run(*lease);
    }
    Json call(std::string_view operation, const Json& input = Json::object()) {
        return call(iam, operation, input);
    }

    /// Code and message of the error that the call answers; empty when it answers none.
    std::string error(Service& service, std::string_view operation, const Json& input) {
        try {
            call(service, operation, input);
            return {};
        } catch (const ServiceError& error) {
            return error.code + ": " + error.message;
        }
    }
    std::string error(std::string_view operation, const Json& input) { return error(iam, operation, input); }

    Json create_role(const std::string& name, const std::string& trust = trust_bedrock) {
        return call("CreateRole", {{"RoleName", name}, {"AssumeRolePolicyDocument", trust}}).at("Role");
    }

    static constexpr const char* trust_bedrock =
        R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "bedrock.amazonaws.com"}, "Action": "sts:AssumeRole"}]})";
    static constexpr const char* allow_logs =
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]})";

    std::vector<Migrations> steps;
    Storage storage;
    VirtualClock clock;
    Random random{1};
    Caller caller;
    Iam iam;
    sts::Sts sts{storage, iam, random};
};

}  // namespace rockwatch::iam
