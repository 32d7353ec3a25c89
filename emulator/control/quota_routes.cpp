#include "control/routes.hpp"

namespace rockwatch::control {

namespace {

ControlAnswer list_quotas(Control& control, const ControlRequest& /*request*/) {
    return {.body = {{"quotas", control.world.quotas().list()}}};
}

ControlAnswer put_quotas(Control& control, const ControlRequest& request) {
    control.world.quotas().put(request.body);
    return list_quotas(control, request);
}

ControlAnswer delete_quotas(Control& control, const ControlRequest& request) {
    control.world.quotas().clear();
    return list_quotas(control, request);
}

constexpr Route routes[] = {
    {"GET", "/_rockwatch/quotas", list_quotas},
    {"PUT", "/_rockwatch/quotas", put_quotas},
    {"DELETE", "/_rockwatch/quotas", delete_quotas},
};

}  // namespace

std::span<const Route> quota_routes() { return routes; }

}  // namespace rockwatch::control
