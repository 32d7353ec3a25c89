#include "http/reply_writer.hpp"

#include <spdlog/spdlog.h>

#include "core/log.hpp"

namespace rockwatch::http {

using Woken = Connection::Woken;

namespace {

/// Proxies and clients give up on a stream that says nothing for longer than this.
constexpr std::chrono::seconds silence_max{15};

/// While it lives, news of the source ring at the link.
class NewsBell {
public:
    NewsBell(LiveSource& source, Link& link) : source_(source) { source_.on_news(link.ringer()); }
    ~NewsBell() { source_.on_news({}); }
    NewsBell(const NewsBell&) = delete;
    NewsBell& operator=(const NewsBell&) = delete;

private:
    LiveSource& source_;
};

}  // namespace

void ReplyWriter::complete() {
    if (is_complete_) return;
    is_complete_ = true;
    if (!reply_.on_complete) return;
    try {
        reply_.on_complete();
    } catch (const std::exception& error) {
        spdlog::error("an answer's completion failed: {}", log_safe(error.what()));
    }
}

/// A stop cuts the wait short: what was to come later comes now.
bool ReplyWriter::wait_until(Milliseconds due) {
    const Moment moment = received_ + due;
    if (moment <= std::chrono::steady_clock::now()) return true;
    return link_.wait_until(moment) != Woken::gone;
}

/// What was to be sent has been sent. False for reset and hang, which are then over.
bool ReplyWriter::end_in_fault() {
    complete();
    if (reply_.ending == Ending::hang) link_.wait_until(Moment::max());
    if (reply_.ending == Ending::reset) link_.reset();
    return false;
}

bool ReplyWriter::begin() {
    if (!wait_until(reply_.due)) {
        complete();
        return false;
    }
    const bool is_fault = reply_.ending == Ending::reset || reply_.ending == Ending::hang;
    if (is_fault && reply_.pieces.empty()) return end_in_fault();
    if (!reply_.streamed) complete();
    return true;
}

bool ReplyWriter::play_live(const Write& write) {
    LiveSource& source = *reply_.live;
    const NewsBell bell(source, link_);
    for (;;) {
        std::string bytes = source.take();
        if (bytes.empty()) {
            if (source.has_ended()) return true;
            const Woken woken = link_.wait_for_ring(std::chrono::steady_clock::now() + silence_max);
            if (woken == Woken::gone) return false;
            if (woken == Woken::stopping) return true;
            if (woken == Woken::rung) continue;
            bytes = source.sign_of_life();
        }
        if (!write(bytes) || !link_.flush()) return false;
    }
}

bool ReplyWriter::play(const Write& write) {
    for (std::size_t index = 0; index < reply_.pieces.size(); ++index) {
        const TimedPiece& piece = reply_.pieces[index];
        // Pieces whose time has come go out together; nothing that has been written waits for a later one.
        const bool is_due = received_ + piece.due <= std::chrono::steady_clock::now();
        if (!is_due && (!link_.flush() || !wait_until(piece.due))) return false;
        if (index + 1 == reply_.pieces.size() && !reply_.live) complete();
        if (!piece.bytes.empty() && !write(piece.bytes)) return false;
    }
    if (reply_.live && (!link_.flush() || !play_live(write))) return false;
    complete();
    if (reply_.ending == Ending::normal) return true;
    if (!link_.flush()) return false;
    return end_in_fault();
}

std::string_view ReplyWriter::body() const {
    const std::string_view body = reply_.body;
    return reply_.ending == Ending::truncate ? body.substr(0, reply_.truncate_after) : body;
}

}  // namespace rockwatch::http
