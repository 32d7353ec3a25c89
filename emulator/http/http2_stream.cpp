#include "http/http2_stream.hpp"

#include <algorithm>
#include <utility>

#include "core/waiting.hpp"
#include "http/worker_memory.hpp"

namespace rockwatch::http {

Http2Stream::~Http2Stream() {
    budget_.give_back(charged_);
    mailbox_.take_output(output_.waiting());
}

bool Http2Stream::charge(std::size_t bytes) {
    if (!budget_.take(bytes)) return false;
    const std::lock_guard lock(mutex_);
    charged_ += bytes;
    return true;
}

void Http2Stream::deliver(std::string_view bytes) {
    const bool has_memory = charge(bytes.size());
    const std::lock_guard lock(mutex_);
    is_input_refused_ = is_input_refused_ || !has_memory;
    if (!is_input_refused_) input_ += bytes;
    changed_.notify_all();
}

void Http2Stream::end_input() {
    const std::lock_guard lock(mutex_);
    has_input_ended_ = true;
    changed_.notify_all();
}

void Http2Stream::abandon() {
    const std::lock_guard lock(mutex_);
    is_gone_ = true;
    changed_.notify_all();
}

bool Http2Stream::begin_stop() {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    if (!has_begun_) is_gone_ = true;
    changed_.notify_all();
    return !has_begun_;
}

Http2Stream::News Http2Stream::take_news() {
    const std::lock_guard lock(mutex_);
    is_told_ = false;
    News news = std::exchange(news_, {});
    news.is_broken = finish_ && *finish_ != Finish::proper && !has_head_;
    news.is_reset = finish_ == Finish::reset;
    return news;
}

Http2Stream::Output Http2Stream::take_output(char* buffer, std::size_t size, std::size_t& taken) {
    const std::lock_guard lock(mutex_);
    taken = output_.take(buffer, size);
    mailbox_.take_output(taken);
    const bool is_empty = output_.waiting() == 0;
    if (is_empty) changed_.notify_all();
    if (!is_empty || !finish_) return taken > 0 ? Output::some : Output::none_yet;
    if (*finish_ == Finish::proper) return Output::last;
    return taken > 0 ? Output::some : Output::broken;
}

bool Http2Stream::begin() {
    const std::lock_guard lock(mutex_);
    has_begun_ = true;
    return !is_gone_;
}

Http2Stream::Input Http2Stream::wait_for_input(std::string& input, Moment until) {
    const Waiting waiting;
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, until,
                        [&] { return is_gone_ || is_input_refused_ || has_input_ended_ || !input_.empty(); });
    if (is_gone_) return Input::gone;
    if (is_input_refused_) return Input::refused;
    if (input_.empty()) return has_input_ended_ ? Input::end : Input::nothing_yet;
    input.clear();
    std::swap(input, input_);
    budget_.give_back(input.size());
    charged_ -= input.size();
    news_.consumed += input.size();
    return Input::bytes;
}

void Http2Stream::send_continue() {
    {
        const std::lock_guard lock(mutex_);
        news_.wants_continue = true;
    }
    tell();
}

Connection::Woken Http2Stream::wait_until(Moment due) {
    const Waiting waiting;
    give_back_memory(due);
    std::unique_lock lock(mutex_);
    const auto is_over = [&] { return is_gone_ || is_stopping_; };
    if (due == Moment::max()) {
        changed_.wait(lock, is_over);
    } else {
        changed_.wait_until(lock, due, is_over);
    }
    if (is_gone_) return Connection::Woken::gone;
    return is_stopping_ ? Connection::Woken::stopping : Connection::Woken::due;
}

Connection::Woken Http2Stream::wait_for_ring(Moment due) {
    const Waiting waiting;
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, due, [&] { return is_gone_ || is_stopping_ || is_rung_; });
    if (is_gone_) return Connection::Woken::gone;
    if (is_stopping_) return Connection::Woken::stopping;
    return std::exchange(is_rung_, false) ? Connection::Woken::rung : Connection::Woken::due;
}

void Http2Stream::ring() {
    const std::lock_guard lock(mutex_);
    is_rung_ = true;
    changed_.notify_all();
}

void Http2Stream::write_head(AnswerHead head) {
    const std::lock_guard lock(mutex_);
    news_.head = std::move(head);
    has_head_ = true;
}

bool Http2Stream::write(std::string_view bytes) {
    for (;;) {
        {
            const std::lock_guard lock(mutex_);
            if (is_gone_) return false;
            const std::size_t room = output_bytes_max - output_.waiting();
            const std::size_t count = std::min(room, bytes.size());
            mailbox_.add_output(count);
            output_.add(bytes.substr(0, count));
            bytes.remove_prefix(count);
        }
        if (bytes.empty()) return true;
        tell();
        if (!wait_until_sent()) return false;
    }
}

bool Http2Stream::wait_until_sent() {
    const Waiting waiting;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_gone_ || output_.waiting() == 0; });
    return !is_gone_;
}

bool Http2Stream::is_gone() {
    const std::lock_guard lock(mutex_);
    return is_gone_;
}

void Http2Stream::finish(Finish how) {
    {
        const std::lock_guard lock(mutex_);
        if (!finish_) finish_ = how;
    }
    tell();
}

void Http2Stream::tell() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(is_told_, true)) return;
    }
    mailbox_.put(shared_from_this());
}

}  // namespace rockwatch::http
