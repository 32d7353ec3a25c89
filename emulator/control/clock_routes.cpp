#include <fmt/format.h>

#include <cmath>

#include "control/input.hpp"
#include "control/routes.hpp"
#include "control/told.hpp"

namespace rockwatch::control {

namespace {

ControlAnswer read_clock(Control& control, const ControlRequest& /*request*/) {
    return {.body = told(control.world.clock().state())};
}

ClockMode read_mode(const Json& body) {
    if (!body.contains("mode"))
        throw bad_request("InvalidRequest", "mode is missing: real, frozen or scaled", "/mode");
    const std::string mode = read_text(body.at("mode"), "/mode");
    if (mode == "real") return ClockMode::real;
    if (mode == "frozen") return ClockMode::frozen;
    if (mode == "scaled") return ClockMode::scaled;
    throw bad_request("InvalidRequest",
                      fmt::format("there is no mode {}: it is real, frozen or scaled", mode), "/mode");
}

double read_speed(const Json& body, ClockMode mode) {
    const bool is_scaled = mode == ClockMode::scaled;
    if (!body.contains("speed")) {
        if (is_scaled) throw bad_request("InvalidRequest", "a scaled clock needs a speed", "/speed");
        return 1;
    }
    if (!is_scaled) throw bad_request("InvalidRequest", "only a scaled clock has a speed", "/speed");
    const double speed = read_number(body.at("speed"), "/speed");
    constexpr double speed_max = 1e6;
    const bool is_speed = speed > 0 && speed <= speed_max;  // no NaN, either
    if (!is_speed) {
        throw bad_request("InvalidRequest", "speed must be above 0 and at most 1000000", "/speed");
    }
    return speed;
}

ControlAnswer set_clock(Control& control, const ControlRequest& request) {
    const Json& body = request.body;
    expect_members(body, {"mode", "now", "speed", "force"});
    const ClockMode mode = read_mode(body);
    const double speed = read_speed(body, mode);
    const bool force = body.contains("force") && read_flag(body.at("force"), "/force");
    std::optional<Instant> now;
    if (body.contains("now")) now = read_time(body.at("now"), "/now");
    control.world.set_clock(mode, now, speed, force);
    return {.body = told(control.world.clock().state())};
}

Milliseconds read_seconds(const Json& value) {
    const double seconds = read_number(value, "/seconds");
    constexpr double seconds_max = 100.0 * 366 * 86400;
    const bool is_distance = seconds >= 0 && seconds <= seconds_max;
    if (!is_distance) {
        throw bad_request("InvalidRequest", "seconds must be from 0 to a hundred years", "/seconds");
    }
    return Milliseconds{std::llround(seconds * 1000)};
}

ControlAnswer advance(Control& control, const ControlRequest& request) {
    const Json& body = request.body;
    expect_members(body, {"seconds", "to"});
    const bool by_seconds = body.contains("seconds");
    if (by_seconds == body.contains("to")) {
        throw bad_request("InvalidRequest", "give either seconds or to");
    }
    return {.body = told(by_seconds ? control.world.advance(read_seconds(body.at("seconds")))
                                    : control.world.advance(read_time(body.at("to"), "/to")))};
}

ControlAnswer evaluate(Control& control, const ControlRequest& request) {
    std::vector<std::string> names;
    if (!request.body.is_null()) {
        expect_members(request.body, {"names"});
        const Json& wanted = request.body.contains("names") ? request.body.at("names") : Json::array();
        if (!wanted.is_array())
            throw bad_request("InvalidRequest", "must be a list of alarm names", "/names");
        for (std::size_t index = 0; index < wanted.size(); ++index) {
            names.push_back(read_text(wanted[index], fmt::format("/names/{}", index)));
        }
    }
    return {.body = told(control.world.evaluate(names))};
}

constexpr Route routes[] = {
    {"GET", "/_rockwatch/clock", read_clock},
    {"PUT", "/_rockwatch/clock", set_clock},
    {"POST", "/_rockwatch/clock/advance", advance},
    {"POST", "/_rockwatch/alarms/evaluate", evaluate},
};

}  // namespace

std::span<const Route> clock_routes() { return routes; }

}  // namespace rockwatch::control
