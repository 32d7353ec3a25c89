#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "deliveries/lookup.hpp"
#include "deliveries/outbound_policy.hpp"
#include "protocol/message.hpp"

namespace rockwatch::deliveries {

class SocketStream;

/// One POST that leaves the emulator.
struct OutgoingPost {
    std::string url;
    Headers headers;  ///< without Host, Content-Length and Connection: those are the sender's
    std::string body;
};

/// What came of one attempt.
struct SendResult {
    int status = 0;          ///< of the answer; 0: there was none
    std::string error;       ///< one line for a person; empty after a 2xx
    bool refused = false;    ///< the policy or the URL forbids it: trying again cannot help
    bool cancelled = false;  ///< the emulator stops: as if it had not been tried
};

/// Sends, once. Thread-safe. Tests record instead.
class Sender {
public:
    virtual ~Sender() = default;
    virtual SendResult send(const OutgoingPost& post) = 0;
    /// Ends what is being sent, and all that comes later, at once: the emulator stops.
    virtual void cancel() {}
};

/// Limits of threats.md section 3; constructor values so that tests can be short.
struct SenderLimits {
    Milliseconds connect{3'000};               ///< looking the host up included
    Milliseconds total{15'000};                ///< connecting and the TLS handshake included
    std::size_t answer_bytes_max = 64 * 1024;  ///< head and body
};

/// Sends over the network, to whom the policy allows. The host is looked up once, every address is checked,
/// and the connection goes to the one checked; no redirects, no proxies. Certificates are verified, except on
/// loopback addresses (Chosen: a test's own TLS server has a certificate of its own).
class HttpSender : public Sender {
public:
    explicit HttpSender(OutboundPolicy policy, SenderLimits limits = {}, Resolver resolver = resolve_host);
    ~HttpSender() override;

    SendResult send(const OutgoingPost& post) override;
    void cancel() override;

private:
    class Tls;

    Milliseconds connect_deadline(Milliseconds started) const;
    std::unique_ptr<SocketStream> connect_to_one(const std::vector<Address>& addresses, const Url& url,
                                                 Milliseconds started) const;

    OutboundPolicy policy_;
    SenderLimits limits_;
    Lookup lookup_;
    int cancelled_ = -1;  // an eventfd, readable from cancel() on
    std::unique_ptr<Tls> tls_;
};

}  // namespace rockwatch::deliveries
