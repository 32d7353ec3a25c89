#pragma once

#include <string>

#include "core/caller.hpp"
#include "core/json.hpp"
#include "protocol/message.hpp"

namespace rockwatch::simulation {

/// A call as a client would send it.
struct WireCall {
    std::string method = "POST";
    std::string target = "/";
    Headers headers;
    std::string body;
};

/// `input` has the model's members; times are epoch milliseconds, as inside the emulator.
WireCall wire_call(const Owner& owner, const std::string& service, const std::string& operation,
                   const Json& input);

}  // namespace rockwatch::simulation
