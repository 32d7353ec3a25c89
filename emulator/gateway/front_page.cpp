#include "gateway/front_page.hpp"

#include <fmt/format.h>

#include "protocol/identify.hpp"

namespace rockwatch {

bool wants_front_page(const HttpRequest& request) {
    if (request.target != "/" || credential_scope(request)) return false;
    // No AWS service has HEAD /, but whoever waits for a server to come up asks just that.
    if (request.method == "HEAD") return true;
    return request.method == "GET" &&
           request.headers.get("Accept").find("text/html") != std::string_view::npos;
}

HttpReply front_page(std::string_view version) {
    HttpReply reply;
    reply.headers.add("Content-Type", "text/html; charset=utf-8");
    reply.headers.add("Content-Security-Policy",
                      "default-src 'none'; base-uri 'none'; frame-ancestors 'none'");
    reply.headers.add("X-Content-Type-Options", "nosniff");
    reply.body = fmt::format(
        "<!doctype html><html lang=\"en\"><title>Rockwatch</title><h1>Rockwatch {}</h1>"
        "<p>Amazon Bedrock and CloudWatch on this machine, for tests. Point an AWS SDK here with "
        "<code>AWS_ENDPOINT_URL</code>.</p><ul>"
        "<li><a href=\"/_rockwatch/health\">health</a></li><li><a href=\"/_rockwatch/clock\">clock</a></li>"
        "<li><a href=\"/_rockwatch/rules\">rules</a></li><li><a href=\"/_rockwatch/calls\">calls</a></li>"
        "<li><a href=\"/_rockwatch/deliveries\">deliveries</a></li></ul></html>\n",
        version);
    return reply;
}

}  // namespace rockwatch
