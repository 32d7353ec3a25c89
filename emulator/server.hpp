#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/credentials.hpp"
#include "options.hpp"

namespace rockwatch {

/// A port that somebody else has; exit code 3.
struct PortInUse : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A whole running server: the world, the control API and the front.
class Server {
public:
    /// Accepts connections when it returns. `credentials`: who may call; nullptr: everybody. Throws
    /// InputError, StorageUnusable, PortInUse.
    Server(const Options& options, const Credentials* credentials);
    ~Server();

    int port() const;
    /// 127.0.0.1:4566, [::1]:4566
    std::vector<std::string> addresses() const;
    /// How many rules of --rules are in force.
    std::size_t start_rules() const;
    /// As the options or the database have it.
    ClockState clock() const;

    /// Stops accepting, lets calls in flight finish, commits what is queued. False when a call did not end in
    /// time: destroying the server would wait for it, so the program leaves without.
    bool stop();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace rockwatch
