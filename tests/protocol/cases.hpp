#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "protocol/codec.hpp"
#include "protocol/identify.hpp"
#include "protocol/message.hpp"

namespace rockwatch {

/// The examples of tests/cases/protocol/<prefix>*.json, file after file. {"$binary": "00ff"} stands for a
/// blob,
/// {"$double": "NaN"} for a number that JSON lacks.
std::vector<Json> protocol_cases(std::string_view prefix);

std::string from_hex(std::string_view hex);
std::string to_hex(std::string_view bytes);

/// {"method", "target", "headers", "body" or "bodyHex"}; what is left out is POST / without a body.
struct SentRequest {
    explicit SentRequest(const Json& request);
    HttpRequest http;
    std::string body;
};

const ModelLibrary& models();
Protocol protocol_named(const std::string& name);

}  // namespace rockwatch
