#pragma once

#include <string>

#include "control/routes.hpp"
#include "support/test_world.hpp"

namespace rockwatch {

/// The control API over a world in memory with a frozen clock.
class TestControl {
public:
    explicit TestControl(std::string token = {})
        : api_(world.world, {.version = "1.2.3", .token = std::move(token)}) {}

    struct Answer {
        int status;
        Json body;
    };

    Answer call(std::string method, std::string target, const Json& body = nullptr, Headers headers = {}) {
        if (!body.is_null() && headers.find("Content-Type") == nullptr)
            headers.add("Content-Type", "application/json");
        return raw(std::move(method), std::move(target), body.is_null() ? "" : body.dump(),
                   std::move(headers));
    }

    Answer raw(std::string method, std::string target, std::string body, Headers headers) {
        const HttpReply reply =
            http(std::move(method), std::move(target), std::move(body), std::move(headers));
        return {reply.status, Json::parse(reply.body)};
    }

    HttpReply http(std::string method, std::string target, std::string body = {}, Headers headers = {}) {
        TextBody stream(std::move(body));
        HttpRequest request{.method = std::move(method),
                            .target = std::move(target),
                            .headers = std::move(headers),
                            .body = &stream};
        return api_.answer(request);
    }

    TestWorld world;

private:
    control::ControlApi api_;
};

}  // namespace rockwatch
