#include "world/transitions.hpp"

#include <algorithm>

#include "core/text_time.hpp"

namespace rockwatch {

Json to_json(const AlarmTransition& transition) {
    return {{"alarm", transition.alarm},
            {"accountId", transition.owner.account},
            {"region", transition.owner.region},
            {"from", transition.from},
            {"to", transition.to},
            {"at", iso_ms(transition.at)},
            {"reason", transition.reason}};
}

void Transitions::changed(const AlarmTransition& transition) {
    {
        const std::lock_guard lock(mutex_);
        kept_.push_back(transition);
        ++count_;
        if (kept_.size() > kept_max) kept_.pop_front();
    }
    feed_.tell(Feed::Kind::alarm, [&] { return to_text(to_json(transition)); });
}

void Transitions::forget() {
    const std::lock_guard lock(mutex_);
    kept_.clear();
}

std::uint64_t Transitions::count() const {
    const std::lock_guard lock(mutex_);
    return count_;
}

std::vector<AlarmTransition> Transitions::since(std::uint64_t seen) const {
    const std::lock_guard lock(mutex_);
    const std::uint64_t wanted = std::min<std::uint64_t>(count_ - seen, kept_.size());
    return {kept_.end() - static_cast<std::ptrdiff_t>(wanted), kept_.end()};
}

std::optional<AlarmTransition> Transitions::newest(std::string_view alarm, std::string_view state,
                                                   Instant from) const {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(kept_.rbegin(), kept_.rend(), [&](const AlarmTransition& change) {
        return change.alarm == alarm && change.to == state && change.at >= from;
    });
    if (found == kept_.rend()) return std::nullopt;
    return *found;
}

}  // namespace rockwatch
