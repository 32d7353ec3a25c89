#include "control/event_stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "control/input.hpp"
#include "core/text.hpp"

namespace rockwatch::control {

namespace {

constexpr std::array<Feed::Kind, 4> all_kinds = {Feed::Kind::call, Feed::Kind::alarm, Feed::Kind::delivery,
                                                 Feed::Kind::log};

}  // namespace

std::string EventStream::take() {
    std::string text;
    // The first bytes tell the client that from now on nothing is missed.
    if (!std::exchange(is_open_, true)) text = ":\n\n";
    const auto news = follower_->take();
    if (news.lost > 0) text += fmt::format("event: lost\ndata: {{\"events\":{}}}\n\n", news.lost);
    for (const auto& event : news.events) {
        if (!kinds_.empty() && kinds_.count(event->kind) == 0) continue;
        fmt::format_to(std::back_inserter(text), "id: {}\nevent: {}\ndata: {}\n\n", event->id,
                       name_of(event->kind), event->data);
    }
    return text;
}

std::set<Feed::Kind> read_kinds(const ControlRequest& request) {
    std::set<Feed::Kind> kinds;
    const std::string* types = request.find("types");
    if (types == nullptr) return kinds;
    for (const std::string_view name : split(*types, ',')) {
        const auto found = std::find_if(all_kinds.begin(), all_kinds.end(),
                                        [&](Feed::Kind kind) { return name_of(kind) == name; });
        if (found == all_kinds.end()) {
            throw bad_request("InvalidRequest",
                              fmt::format("there are no events {}: call, alarm, delivery, log", name),
                              "/types");
        }
        kinds.insert(*found);
    }
    return kinds;
}

}  // namespace rockwatch::control
