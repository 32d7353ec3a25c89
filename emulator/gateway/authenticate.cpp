#include "gateway/authenticate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "protocol/identify.hpp"

namespace rockwatch {

namespace {

bool is_account_id(std::string_view text) {
    return text.size() == 12 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Caller Authenticator::caller(const HttpRequest& request, std::string request_id) const {
    Caller caller;
    caller.account = defaults_.account;
    caller.region = defaults_.region;
    caller.request_id = std::move(request_id);
    caller.base_url = fmt::format("http://{}", request.headers.get("Host"));

    const std::string_view hops = request.headers.get("x-rockwatch-hops");
    std::from_chars(hops.data(), hops.data() + hops.size(), caller.hops);

    const auto scope = credential_scope(request);
    if (scope) {
        caller.access_key = scope->access_key;
        if (!scope->region.empty()) caller.region = scope->region;
    }
    if (is_account_id(caller.access_key)) {
        caller.account = caller.access_key;
    } else if (const auto issued = issued_ && scope ? issued_(caller.access_key) : std::nullopt) {
        caller.account = issued->account;
        caller.principal_arn = issued->principal_arn;
    }
    if (caller.principal_arn.empty())
        caller.principal_arn = fmt::format("arn:aws:iam::{}:root", caller.account);
    return caller;
}

}  // namespace rockwatch
