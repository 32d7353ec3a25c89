#include "control/input.hpp"
#include "control/routes.hpp"

namespace rockwatch::control {

namespace {

ControlAnswer list_rules(Control& control, const ControlRequest& /*request*/) {
    return {.body = {{"rules", control.world.rules().list()}}};
}

ControlAnswer add_rules(Control& control, const ControlRequest& request) {
    if (!request.body.is_object())
        throw bad_request("InvalidRule", "the body must be a rule, or {\"rules\":[…]}");
    return {.status = 201, .body = {{"rules", control.world.rules().add(request.body)}}};
}

ControlAnswer put_rule(Control& control, const ControlRequest& request) {
    if (!request.body.is_object()) throw bad_request("InvalidRule", "the body must be a rule");
    const bool made_anew = control.world.rules().put(request.id, request.body);
    for (Json& rule : control.world.rules().list()) {
        if (rule.at("id") == request.id) return {.status = made_anew ? 201 : 200, .body = std::move(rule)};
    }
    throw InputError(404, "NoSuchRule", "the rule was deleted meanwhile");
}

ControlAnswer delete_rule(Control& control, const ControlRequest& request) {
    if (!control.world.rules().remove(request.id)) {
        throw InputError(404, "NoSuchRule", "there is no rule " + request.id);
    }
    return {.body = {{"deleted", Json::array({request.id})}}};
}

ControlAnswer delete_rules(Control& control, const ControlRequest& /*request*/) {
    Json deleted = Json::array();
    for (const Json& rule : control.world.rules().list()) deleted.push_back(rule.at("id"));
    control.world.rules().clear();
    return {.body = {{"deleted", std::move(deleted)}}};
}

constexpr Route routes[] = {
    {"GET", "/_rockwatch/rules", list_rules},          {"POST", "/_rockwatch/rules", add_rules},
    {"DELETE", "/_rockwatch/rules", delete_rules},     {"PUT", "/_rockwatch/rules/{id}", put_rule},
    {"DELETE", "/_rockwatch/rules/{id}", delete_rule},
};

}  // namespace

std::span<const Route> rule_routes() { return routes; }

}  // namespace rockwatch::control
