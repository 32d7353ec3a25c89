#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "core/instant.hpp"
#include "deliveries/outbound_policy.hpp"

namespace rockwatch::deliveries {

/// Looks hosts up within a time. The system's resolver takes as long as its name servers do and can't be
/// called off, so it runs on threads of its own, a few at most; whoever asked leaves when the time is up.
/// Thread-safe.
class Lookup {
public:
    Lookup(Resolver resolver, std::size_t threads_max);
    /// Waits for nobody: a thread that is still in the resolver ends by itself.
    ~Lookup();
    Lookup(const Lookup&) = delete;
    Lookup& operator=(const Lookup&) = delete;

    /// `deadline`: on monotonic(). Who asks for a host that is being looked up gets the same answer. Throws
    /// what the resolver throws, SendFailure when the time is up, SendCancelled after cancel().
    std::vector<Address> find(const std::string& host, Milliseconds deadline);

    /// Ends every find, now and from now on.
    void cancel();

private:
    struct Question;
    struct Desk;
    static void work(const std::shared_ptr<Desk>& desk);

    // Shared with the threads, which may outlive us.
    std::shared_ptr<Desk> desk_;
};

}  // namespace rockwatch::deliveries
