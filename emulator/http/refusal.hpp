#pragma once

#include <string>
#include <string_view>

#include "protocol/message.hpp"

namespace rockwatch::http {

/// An answer of the front itself. On paths of the control API in that API's form, else {"message": …}.
HttpReply refusal(int status, std::string_view message, std::string_view path = {});

/// An answer of the front itself to a request whose head is whole: as the handler has its caller read it.
HttpReply refusal(Handler& handler, const HttpRequest& request, int status, std::string_view message);

/// An answer as bytes, for when nobody waits for it to be written: ends with Connection: close. `reply` is a
/// plain one.
std::string last_bytes(const HttpReply& reply);

/// What is said where no request is known. A server that is too busy says it in HTML, as load balancers do:
/// every SDK takes that for what it is and tries again, whatever its protocol, which is not so with JSON.
/// `target`: of the request, as far as it has come in; one of the control API hears that API's form.
std::string refusal_bytes(int status, std::string_view message, std::string_view target = {});

}  // namespace rockwatch::http
