#pragma once

#include <chrono>
#include <cstddef>

#include "core/instant.hpp"
#include "http/body.hpp"

namespace rockwatch::http {

/// Judges how fast a body comes in. Only time that was spent waiting for the client counts against it.
class BodyRate {
public:
    using Time = std::chrono::steady_clock::duration;

    struct Limits {
        Milliseconds grace{5'000};  ///< added to the first window
        Milliseconds window{10'000};
        std::size_t bytes_a_second_min = 1'024;
    };

    explicit BodyRate(const Limits& limits) : limits_(limits), window_(limits.grace + limits.window) {}

    /// How long to wait for more bytes before judging.
    Time patience() const { return window_ - waited_; }
    void received(std::size_t bytes) { received_ += bytes; }

    /// Throws BodyError(408) when the window is over and too little has come in.
    void waited(Time time) {
        waited_ += time;
        if (waited_ < window_) return;
        const double seconds = std::chrono::duration<double>(limits_.window).count();
        if (static_cast<double>(received_) < seconds * static_cast<double>(limits_.bytes_a_second_min)) {
            throw BodyError(408, "The request's body comes in too slowly.");
        }
        window_ = limits_.window;
        waited_ = Time::zero();
        received_ = 0;
    }

private:
    const Limits limits_;
    Time window_;
    Time waited_{0};
    std::size_t received_ = 0;  ///< in this window
};

}  // namespace rockwatch::http
