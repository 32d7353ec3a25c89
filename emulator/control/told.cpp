#include "control/told.hpp"

#include "core/text_time.hpp"
#include "world/clock_store.hpp"

namespace rockwatch::control {

Json told(const ClockState& state) {
    return {{"mode", world::mode_name(state.mode)},
            {"now", iso_ms(state.now)},
            {"offsetMs", state.offset.count()},
            {"speed", state.speed}};
}

Json told(const std::vector<AlarmTransition>& transitions) {
    Json list = Json::array();
    for (const auto& change : transitions) list.push_back(to_json(change));
    return list;
}

Json told(const Happened& happened) {
    return {{"now", iso_ms(happened.now)},
            {"transitions", told(happened.transitions)},
            {"deliveries", happened.deliveries},
            {"evaluations", happened.evaluations}};
}

}  // namespace rockwatch::control
