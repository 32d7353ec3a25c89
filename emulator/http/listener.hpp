#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "http/connection_table.hpp"
#include "http/front.hpp"

namespace rockwatch::http {

/// Binds, accepts, and looks after connections that wait too long. One thread.
class Listener {
public:
    Listener(const FrontOptions& options, ConnectionTable& table, const StopSignal& stop);
    /// The stop signal has been raised.
    ~Listener();

    /// Binds and listens. Throws ListenError.
    void bind();
    void start();
    /// Ends the thread and gives the port back.
    void join();

    int port() const { return port_; }
    const std::vector<std::string>& addresses() const { return addresses_; }
    std::uint64_t accepted() const { return accepted_.load(std::memory_order_relaxed); }
    std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

private:
    struct Address;

    std::vector<Address> resolve() const;
    bool bind_all(const std::vector<Address>& addresses);
    Descriptor bind_one(const Address& address, int port) const;
    void run();
    bool accept_from(int listening);
    void take(Descriptor socket, std::string peer);
    bool make_room(int listening);
    void sweep();

    const FrontOptions& options_;
    ConnectionTable& table_;
    const StopSignal& stop_;
    std::size_t connections_max_;
    std::size_t lingering_max_;  ///< refused connections that still read why
    std::vector<Descriptor> sockets_;
    Descriptor reserve_;  ///< given up for a moment when there is no other descriptor left
    std::vector<std::string> addresses_;
    int port_ = 0;
    std::thread thread_;
    std::atomic<std::uint64_t> accepted_{0};
    std::atomic<std::uint64_t> refused_{0};
};

}  // namespace rockwatch::http
