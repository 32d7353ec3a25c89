#pragma once

#include "protocol/message.hpp"

namespace rockwatch {

/// Whether a request comes from a person's browser that opened `/`: unsigned, and asking for HTML.
bool wants_front_page(const HttpRequest& request);

/// A small page that says what listens here.
HttpReply front_page(std::string_view version);

}  // namespace rockwatch
