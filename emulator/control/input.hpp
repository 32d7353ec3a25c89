#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "control/routes.hpp"
#include "core/error.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"

/// Reading control bodies strictly: what is not known is an error that names its place.
namespace rockwatch::control {

/// InputError 400 with a JSON pointer.
InputError bad_request(std::string_view code, const std::string& message, const std::string& path = {});

/// Throws when `body` is not an object, or has members beside `known`.
void expect_members(const Json& body, std::initializer_list<std::string_view> known);

/// ISO 8601 with Z and optional fraction, or a number of epoch milliseconds.
Instant read_time(const Json& value, const std::string& path);
Instant parse_time(std::string_view text, const std::string& path);

std::string read_text(const Json& value, const std::string& path);
double read_number(const Json& value, const std::string& path);
std::int64_t read_integer(std::string_view text, const std::string& parameter);
bool read_flag(const Json& value, const std::string& path);
double read_real(std::string_view text, const std::string& parameter);

// Query parameters that several routes have; absent: empty.

std::string text_of(const ControlRequest& request, std::string_view name);
/// since=
std::optional<Instant> read_since(const ControlRequest& request);
/// status= of a call: 200, 429, …
std::optional<int> read_http_status(const ControlRequest& request);
/// status= of a delivery: delivered, failed, captured, pending.
std::string read_delivery_status(const ControlRequest& request);

}  // namespace rockwatch::control
