#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "http/connection.hpp"

namespace rockwatch::http {

/// So many at once, and so many a second on the average.
class TokenBucket {
public:
    TokenBucket(double burst, double a_second) : burst_(burst), a_second_(a_second), tokens_(burst) {}

    /// False when there have been too many.
    bool take(Moment now) {
        if (filled_ != Moment{}) {
            const double seconds = std::chrono::duration<double>(now - filled_).count();
            tokens_ = std::min(burst_, tokens_ + seconds * a_second_);
        }
        filled_ = now;
        if (tokens_ < 1) return false;
        tokens_ -= 1;
        return true;
    }

private:
    double burst_;
    double a_second_;
    double tokens_;
    Moment filled_{};
};

/// Counts the frames of one connection that cost us more than their sender.
///
/// Source: threats.md, section 3. Chosen: that SETTINGS and PING may come in a burst of 100, since clients
/// open with several and some send a PING after each reset; that frames without any effect are allowed as
/// many as resets.
class FloodGuard {
public:
    enum class Frame {
        control,  ///< SETTINGS, PING: each wants an answer
        reset,    ///< RST_STREAM of the client, or of ours for what it did wrong
        idle,     ///< empty DATA, PRIORITY, GOAWAY: nothing comes of it
    };

    /// False when it is one too many.
    bool take(Frame frame, Moment now) {
        switch (frame) {
            case Frame::control:
                return control_.take(now);
            case Frame::reset:
                return resets_.take(now);
            default:
                return idle_.take(now);
        }
    }

    void begin_head() { continuations_ = 0; }
    bool take_continuation() { return ++continuations_ <= continuations_max; }

    static constexpr double resets_burst = 1'000;
    static constexpr double resets_a_second = 100;
    static constexpr std::size_t continuations_max = 8;

private:
    TokenBucket control_{100, 10};
    TokenBucket resets_{resets_burst, resets_a_second};
    TokenBucket idle_{1'000, 100};
    std::size_t continuations_ = 0;
};

}  // namespace rockwatch::http
