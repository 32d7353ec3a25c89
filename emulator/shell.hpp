#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/credentials.hpp"
#include "options.hpp"

namespace rockwatch {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// http://127.0.0.1:4566: how a client on this machine reaches the server. An address of its own stays, every
/// address is loopback.
std::string endpoint_of(const std::string& host, int port);
/// The same without scheme and port, as a socket wants it: 127.0.0.1, ::1.
std::string reachable_host(const std::string& host);

/// What points SDKs to the endpoint, with credentials that will do: the first ones of a credentials file.
Variables variables_for(const Options& options, const std::string& endpoint, const Credentials* credentials);

/// One line that sets the variable in sh, fish, powershell or dotenv, whatever its value holds.
std::string assignment(std::string_view shell, const std::string& name, std::string_view value);
/// All of them; `json` is an object.
std::string assignments(std::string_view shell, const Variables& variables);

/// Variables of the surroundings that would lead an SDK past the ones above: endpoints of single services,
/// profiles, tokens.
bool leads_elsewhere(std::string_view name);

}  // namespace rockwatch
