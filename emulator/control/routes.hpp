#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "core/prometheus.hpp"
#include "protocol/message.hpp"
#include "world/world.hpp"

namespace rockwatch::control {

/// A control request in our own terms.
struct ControlRequest {
    std::map<std::string, std::string, std::less<>> query;
    std::string id;             ///< what {id} in the route's path stands for
    Json body;                  ///< null when there was none
    std::string last_event_id;  ///< the header of that name

    const std::string* find(std::string_view name) const {
        const auto found = query.find(name);
        return found == query.end() ? nullptr : &found->second;
    }
};

/// A JSON body, unless there is another one.
struct ControlAnswer {
    int status = 200;
    Json body;
    std::string text;
    std::shared_ptr<LiveSource> live;
    std::string content_type = "application/json";
};

struct ControlOptions {
    std::string version;
    std::string token;        ///< empty: nobody is asked for one
    Milliseconds started{0};  ///< monotonic()
    /// What the sockets tell about themselves, for /_rockwatch/metrics. May be empty.
    std::function<void(PrometheusText&)> add_front_figures;
};

/// What a route works with.
struct Control {
    World& world;
    const ControlOptions& options;
};

/// A row of the table of control paths. `path` may end in {id}.
struct Route {
    std::string_view method;
    std::string_view path;
    ControlAnswer (*run)(Control&, const ControlRequest&);
    /// The query parameters it knows; others are errors.
    std::string_view parameters = {};
};

std::span<const Route> clock_routes();
std::span<const Route> rule_routes();
std::span<const Route> quota_routes();
std::span<const Route> history_routes();
std::span<const Route> watch_routes();
std::span<const Route> metrics_routes();
std::span<const Route> state_routes();

/// All of them.
const std::vector<Route>& all_routes();

/// /_rockwatch/ (and the health and reset paths of other emulators that tools wait on): our own surface.
/// Source: control-api.md, which is a contract.
class ControlApi : public Handler {
public:
    ControlApi(World& world, ControlOptions options) : world_(world), options_(std::move(options)) {}

    HttpReply answer(HttpRequest& request) override;

    /// Whether a raw path belongs here and not to AWS.
    static bool owns(std::string_view path);

private:
    ControlAnswer dispatch(HttpRequest& request);

    World& world_;
    ControlOptions options_;
};

}  // namespace rockwatch::control
