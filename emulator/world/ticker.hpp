#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "core/agenda.hpp"
#include "core/clock.hpp"

namespace rockwatch {

/// The one thread that runs the agenda as time passes by itself. On a frozen clock it runs what is due at the
/// present reading: a delivery's first attempt.
class Ticker {
public:
    /// `run` does what is due; it is called without locks and may take its time.
    Ticker(Agenda& agenda, const Clock& clock, std::function<void()> run);
    ~Ticker() { stop(); }
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;

    /// Begins; once.
    void start();
    /// Returns when what it is at has ended; nothing is run from then on.
    void stop();

    /// The agenda or the clock changed: look again.
    void wake();

private:
    void loop();
    Milliseconds until_next() const;

    Agenda& agenda_;
    const Clock& clock_;
    std::function<void()> run_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace rockwatch
