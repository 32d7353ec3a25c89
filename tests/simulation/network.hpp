#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "deliveries/sender.hpp"

namespace rockwatch::simulation {

/// A POST that reached the scripted network.
struct Arrival {
    std::int64_t at;  ///< the emulator's clock, epoch ms
    std::string url;
    std::string type;        ///< x-amz-sns-message-type
    std::string message_id;  ///< x-amz-sns-message-id
    std::string body;
    auto operator<=>(const Arrival&) const = default;
};

/// What a target does with the nth attempt of one message, by the last part of its URL: `ok` takes it,
/// `e500` answers 500, `e404` answers 404, `silent` times out, `refused` has nobody listening, `flaky` takes
/// the third. Pure, so that the model expects what the network will do.
deliveries::SendResult scripted_result(const std::string& url, int attempt);

/// The world outside: it outlives crashes of the emulator. Not thread-safe.
class ScriptedNetwork : public deliveries::Sender {
public:
    deliveries::SendResult send(const deliveries::OutgoingPost& post) override;

    /// Whose time it is; set again after each restart.
    void watch(const Clock* clock) { clock_ = clock; }
    /// After a full reset the emulator's ids begin anew.
    void forget_attempts() { attempts_.clear(); }
    const std::vector<Arrival>& arrivals() const { return arrivals_; }

private:
    const Clock* clock_ = nullptr;
    std::vector<Arrival> arrivals_;
    std::map<std::pair<std::string, std::string>, int> attempts_;
};

}  // namespace rockwatch::simulation
