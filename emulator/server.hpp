#pragma once

#include <memory>
#include <string>

#include "options.hpp"

namespace rockwatch {

/// A port that somebody else has; exit code 3.
struct PortInUse : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A whole running server: the world, the control API and the front.
class Server {
public:
    /// Accepts connections when it returns. Throws InputError, StorageUnusable, PortInUse.
    explicit Server(const Options& options);
    ~Server();

    int port() const;
    /// Stops accepting, lets calls in flight finish, commits what is queued. False when a call did not end in
    /// time: destroying the server would wait for it, so the program leaves without.
    bool stop();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace rockwatch
