#include "deliveries/lookup.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "deliveries/socket_stream.hpp"
#include "protocol/message.hpp"

namespace rockwatch::deliveries {

/// One host that somebody wants to know about. Shared by who asks and the thread that looks it up: either may
/// be the last to leave.
struct Lookup::Question {
    std::string host;
    bool is_answered = false;
    std::vector<Address> addresses;
    std::exception_ptr fault;
};

/// Where questions lie until a thread takes them.
struct Lookup::Desk {
    const Resolver resolver;
    const std::size_t threads_max;
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<std::shared_ptr<Question>> waiting;
    std::map<std::string, std::shared_ptr<Question>> open;  ///< by host, until answered
    std::size_t threads = 0;
    bool is_cancelled = false;
};

Lookup::Lookup(Resolver resolver, std::size_t threads_max)
    : desk_(new Desk{.resolver = std::move(resolver), .threads_max = threads_max}) {}

Lookup::~Lookup() { cancel(); }

void Lookup::cancel() {
    const std::lock_guard lock(desk_->mutex);
    desk_->is_cancelled = true;
    desk_->waiting.clear();
    desk_->changed.notify_all();
}

/// Answers questions while there are any.
void Lookup::work(const std::shared_ptr<Desk>& desk) {
    std::unique_lock lock(desk->mutex);
    while (!desk->waiting.empty()) {
        const std::shared_ptr<Question> question = std::move(desk->waiting.front());
        desk->waiting.pop_front();
        lock.unlock();
        std::vector<Address> addresses;
        std::exception_ptr fault;
        try {
            addresses = desk->resolver(question->host);
        } catch (...) {  // a thread begins here; whoever asked throws it again
            fault = std::current_exception();
        }
        lock.lock();
        question->addresses = std::move(addresses);
        question->fault = std::move(fault);
        question->is_answered = true;
        desk->open.erase(question->host);
        desk->changed.notify_all();
    }
    --desk->threads;
}

std::vector<Address> Lookup::find(const std::string& host, Milliseconds deadline) {
    std::unique_lock lock(desk_->mutex);
    std::shared_ptr<Question>& open = desk_->open[host];
    if (!open) {
        if (desk_->threads < desk_->threads_max) {
            std::thread([desk = desk_] { work(desk); }).detach();  // waits for the lock we have
            ++desk_->threads;
        }
        open = std::make_shared<Question>();
        open->host = host;
        desk_->waiting.push_back(open);
    }
    const std::shared_ptr<Question> question = open;
    const std::chrono::steady_clock::time_point until{deadline};
    desk_->changed.wait_until(lock, until, [&] { return question->is_answered || desk_->is_cancelled; });
    if (desk_->is_cancelled) throw SendCancelled{};
    if (!question->is_answered)
        throw SendFailure(fmt::format("the host {} could not be looked up in time", host));
    if (question->fault) std::rethrow_exception(question->fault);
    return question->addresses;
}

}  // namespace rockwatch::deliveries
