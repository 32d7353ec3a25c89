#include <fmt/format.h>

#include "control/input.hpp"
#include "control/routes.hpp"
#include "control/told.hpp"

namespace rockwatch::control {

namespace {

Json services_available(Control& control) {
    Json services = Json::object();
    for (const auto& name : control.world.gateway().available()) services[name] = "available";
    return services;
}

ControlAnswer health(Control& control, const ControlRequest& /*request*/) {
    return {.body = {{"status", "ok"},
                     {"version", control.options.version},
                     {"uptimeMs", (monotonic() - control.options.started).count()},
                     {"clock", told(control.world.clock().state())},
                     {"services", services_available(control)}}};
}

/// The form that LocalStack's tools wait on: the same services under that emulator's names.
ControlAnswer localstack_health(Control& control, const ControlRequest& /*request*/) {
    return {.body = {{"services", services_available(control)},
                     {"edition", "community"},
                     {"version", control.options.version}}};
}

ControlAnswer reset(Control& control, const ControlRequest& request) {
    std::vector<std::string> scopes;
    if (!request.body.is_null()) {
        expect_members(request.body, {"scopes"});
        const Json& wanted = request.body.contains("scopes") ? request.body.at("scopes") : Json::array();
        if (!wanted.is_array()) throw bad_request("InvalidRequest", "must be a list of scopes", "/scopes");
        for (std::size_t index = 0; index < wanted.size(); ++index) {
            scopes.push_back(read_text(wanted[index], fmt::format("/scopes/{}", index)));
        }
    }
    return {.body = {{"reset", control.world.reset(scopes)}}};
}

ControlAnswer moto_reset(Control& control, const ControlRequest& /*request*/) {
    control.world.reset({});
    return {.body = {{"status", "ok"}}};
}

constexpr Route routes[] = {
    {"GET", "/_rockwatch/health", health},
    {"GET", "/_localstack/health", localstack_health},
    {"POST", "/_rockwatch/reset", reset},
    {"POST", "/moto-api/reset", moto_reset},
};

}  // namespace

std::span<const Route> state_routes() { return routes; }

}  // namespace rockwatch::control
