#pragma once

#include <string>
#include <string_view>

#include "protocol/message.hpp"

namespace rockwatch::http {

/// An answer of the front itself. On paths of the control API in that API's form, else {"message": …}.
HttpReply refusal(int status, std::string_view message, std::string_view path = {});

/// The same as bytes, for when there is no request to answer: ends with Connection: close.
std::string refusal_bytes(int status, std::string_view message);

}  // namespace rockwatch::http
