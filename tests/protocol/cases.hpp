#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/error.hpp"
#include "core/json.hpp"
#include "protocol/codec.hpp"
#include "protocol/identify.hpp"
#include "protocol/message.hpp"

namespace rockwatch {

/// tests/cases/protocol
std::filesystem::path case_folder();

/// The examples of tests/cases/protocol/<prefix>*.json, file after file. {"$binary": "00ff"} stands for a
/// blob, {"$double": "NaN"} for a number that JSON lacks.
std::vector<Json> protocol_cases(std::string_view prefix);

/// NaN is equal to nothing, not even in two inputs that are the same: a text in its place.
Json comparable(Json tree);

/// A reply beside what an example says of it: status, headers (null: absent), body or bodyHex.
void check_reply(const HttpReply& reply, const Json& expected);

/// {"code", "message", "members", "status"}
ServiceError told_error(const Json& told);

std::string from_hex(std::string_view hex);
std::string to_hex(std::string_view bytes);

/// {"method", "target", "headers", "body" or "bodyHex"}; what is left out is POST / without a body. Headers
/// are an object, or a list of pairs where one name comes twice.
struct SentRequest {
    explicit SentRequest(const Json& request);
    HttpRequest http;
    std::string body;
};

const ModelLibrary& models();
Protocol protocol_named(const std::string& name);

}  // namespace rockwatch
