#include "front_options.hpp"

#include <algorithm>

namespace rockwatch {

FrontOptions front_options(const Options& options) {
    FrontOptions front;
    front.host = options.host;
    front.port = options.port;
    front.host_names = options.host_names;
    front.cors_origins = options.cors_origins;
    front.connections_max = static_cast<std::size_t>(options.max_connections);
    front.workers_max = static_cast<std::size_t>(options.workers_max);
    front.body.body_bytes_max = static_cast<std::size_t>(options.max_body);
    // One body of the largest size must not fill what all share.
    front.bodies_bytes_max = std::max(front.bodies_bytes_max, 2 * front.body.body_bytes_max);
    front.keep_alive = std::chrono::seconds{options.keep_alive_seconds};
    return front;
}

}  // namespace rockwatch
