#include "control/told.hpp"

#include "core/text_time.hpp"

namespace rockwatch::control {

namespace {

constexpr const char* name_of(ClockMode mode) {
    switch (mode) {
        case ClockMode::frozen:
            return "frozen";
        case ClockMode::scaled:
            return "scaled";
        case ClockMode::real:
            break;
    }
    return "real";
}

}  // namespace

Json told(const ClockState& state) {
    return {{"mode", name_of(state.mode)},
            {"now", iso_ms(state.now)},
            {"offsetMs", state.offset.count()},
            {"speed", state.speed}};
}

Json told(const std::vector<AlarmTransition>& transitions) {
    Json list = Json::array();
    for (const auto& change : transitions) {
        list.push_back({{"alarm", change.alarm},
                        {"accountId", change.owner.account},
                        {"region", change.owner.region},
                        {"from", change.from},
                        {"to", change.to},
                        {"at", iso_ms(change.at)},
                        {"reason", change.reason}});
    }
    return list;
}

Json told(const Happened& happened) {
    return {{"now", iso_ms(happened.now)},
            {"transitions", told(happened.transitions)},
            {"deliveries", happened.deliveries},
            {"evaluations", happened.evaluations}};
}

}  // namespace rockwatch::control
