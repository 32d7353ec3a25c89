#include "control/input.hpp"
#include "control/routes.hpp"

namespace rockwatch::control {

namespace {

constexpr std::int64_t page_max = 10000;

std::size_t read_limit(const ControlRequest& request) {
    const std::string* text = request.find("limit");
    if (text == nullptr) return 1000;
    const std::int64_t limit = read_integer(*text, "/limit");
    if (limit < 1 || limit > page_max)
        throw bad_request("InvalidRequest", "limit must be from 1 to 10000", "/limit");
    return static_cast<std::size_t>(limit);
}

std::int64_t read_after(const ControlRequest& request) {
    const std::string* text = request.find("after");
    return text == nullptr ? 0 : read_integer(*text, "/after");
}

ControlAnswer list_calls(Control& control, const ControlRequest& request) {
    const JournalFilter filter{.service = text_of(request, "service"),
                               .operation = text_of(request, "operation"),
                               .model_id = text_of(request, "modelId"),
                               .status = read_http_status(request),
                               .since = read_since(request),
                               .after = read_after(request),
                               .limit = read_limit(request)};
    return {.body = control.world.journal().list(filter)};
}

ControlAnswer clear_calls(Control& control, const ControlRequest& /*request*/) {
    control.world.journal().clear();
    return {.body = Json::object()};
}

ControlAnswer list_deliveries(Control& control, const ControlRequest& request) {
    auto& storage = control.world.storage();
    storage.wait_for(storage.position());
    const deliveries::DeliveryFilter filter{.target = text_of(request, "target"),
                                            .status = read_delivery_status(request),
                                            .source = text_of(request, "source"),
                                            .after = read_after(request),
                                            .limit = read_limit(request),
                                            .since = read_since(request)};
    const auto lease = storage.read();
    return {.body = control.world.outbox().list(*lease, filter)};
}

ControlAnswer clear_deliveries(Control& control, const ControlRequest& /*request*/) {
    control.world.reset({"deliveries"});
    return {.body = Json::object()};
}

constexpr Route routes[] = {
    {"GET", "/_rockwatch/calls", list_calls, "service operation modelId status since limit after"},
    {"DELETE", "/_rockwatch/calls", clear_calls},
    {"GET", "/_rockwatch/deliveries", list_deliveries, "target status source since limit after"},
    {"DELETE", "/_rockwatch/deliveries", clear_deliveries},
};

}  // namespace

std::span<const Route> history_routes() { return routes; }

}  // namespace rockwatch::control
