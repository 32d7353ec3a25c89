#pragma once

#include "protocol/message.hpp"

namespace rockwatch {

/// Whether somebody only looks at `/`: a browser (unsigned, asking for HTML), or HEAD, which no AWS service
/// has.
bool wants_front_page(const HttpRequest& request);

/// A small page that says what listens here.
HttpReply front_page(std::string_view version);

}  // namespace rockwatch
