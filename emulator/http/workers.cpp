#include "http/workers.hpp"

#include <poll.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace rockwatch::http {

namespace {

/// How often the reserve looks while no worker is free.
constexpr std::chrono::milliseconds glance{2};

/// Threads that stay when there is nothing to do.
constexpr std::size_t workers_min = 2;

void pause(std::chrono::milliseconds time, const StopSignal& stop) {
    pollfd entry{.fd = stop.fd(), .events = POLLIN, .revents = 0};
    poll(&entry, 1, static_cast<int>(time.count()));
}

}  // namespace

Workers::Workers(WorkerLimits limits, ConnectionTable& table, TaskQueue& tasks, const StopSignal& stop)
    : limits_(std::move(limits)), table_(table), tasks_(tasks), stop_(stop) {}

void Workers::join() {
    std::unique_lock lock(mutex_);
    needed_.notify_all();
    ended_.wait(lock, [&] { return running_ == 0; });
}

void Workers::start(MakeAttendant make_attendant) {
    make_attendant_ = std::move(make_attendant);
    if (!start_thread(run_reserve) || !add_worker())
        throw std::runtime_error("the system gives no thread to the server");
}

bool Workers::start_thread(void* (*run)(void*)) {
    const std::lock_guard lock(mutex_);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, limits_.stack_bytes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_t thread{};
    const bool is_started = limits_.create_thread(&thread, &attributes, run, this) == 0;
    pthread_attr_destroy(&attributes);
    if (is_started) ++running_;
    return is_started;
}

/// Said once: it is asked again and again.
void Workers::note_starved() {
    const Moment until = std::chrono::steady_clock::now() + limits_.starved_pause;
    starved_until_ = until.time_since_epoch().count();
    if (!was_refused_.exchange(true)) spdlog::warn("the system gives no more threads: {} workers", threads());
}

bool Workers::is_starved() const {
    return std::chrono::steady_clock::now().time_since_epoch().count() < starved_until_;
}

/// A new worker counts as free before it runs, so that two who need one don't both make one.
bool Workers::add_worker() {
    if (is_starved()) return false;
    if (threads_.fetch_add(1) >= limits_.workers_max) {
        threads_.fetch_sub(1);
        return false;
    }
    idle_.fetch_add(1);
    if (start_thread(run_worker)) {
        was_refused_ = false;
        return true;
    }
    idle_.fetch_sub(1);
    threads_.fetch_sub(1);
    note_starved();
    return false;
}

void* Workers::run_worker(void* workers) {
    auto& self = *static_cast<Workers*>(workers);
    keep_this_thread(&self);
    self.work();
    const std::lock_guard lock(self.mutex_);
    if (--self.running_ == 0) self.ended_.notify_all();
    return nullptr;
}

void* Workers::run_reserve(void* workers) {
    auto& self = *static_cast<Workers*>(workers);
    self.stand_by();
    const std::lock_guard lock(self.mutex_);
    if (--self.running_ == 0) self.ended_.notify_all();
    return nullptr;
}

void Workers::work() {
    const auto attendant = make_attendant_();
    while (!stop_.is_raised()) {
        Work work = table_.wait(limits_.idle_max);
        if (!work) {
            if (may_go()) return;
            continue;
        }
        idle_.fetch_sub(1);
        see_to_a_follower();
        if (work.task) {
            work.task->run();
        } else {
            attendant->serve(std::move(work.connection));
        }
        served_.fetch_add(1, std::memory_order_relaxed);
        idle_.fetch_add(1);
    }
    idle_.fetch_sub(1);
    threads_.fetch_sub(1);
}

/// A worker that found nothing to do ends, if others remain who are free.
bool Workers::may_go() {
    const std::lock_guard lock(mutex_);
    if (stop_.is_raised() || threads() <= workers_min) return false;
    // Counted off before it is judged, as by those who take work: of two who go at once, one is the last.
    if (idle_.fetch_sub(1) <= 1) {
        idle_.fetch_add(1);
        return false;
    }
    threads_.fetch_sub(1);
    return true;
}

void Workers::see_to_a_follower() {
    if (idle_.load() > 0 || stop_.is_raised()) return;
    const std::size_t active = threads() - std::min(threads(), waiting_.load());
    if (active < limits_.eager_max && add_worker()) return;
    if (reserve_sleeps_.load()) {
        const std::lock_guard lock(mutex_);
        needed_.notify_one();
    }
}

void Workers::begin_waiting() {
    waiting_.fetch_add(1);
    see_to_a_follower();
}

void Workers::end_waiting() { waiting_.fetch_sub(1); }

/// The reserve: sleeps while a worker is free. When none is, it adds workers if those there are don't get on,
/// and at the limit, ours or the system's, it answers health itself and turns away who has waited too long.
void Workers::stand_by() {
    const auto reserve = make_attendant_();
    while (!stop_.is_raised()) {
        if (idle_.load() == 0) {
            relieve(*reserve);
            continue;
        }
        std::unique_lock lock(mutex_);
        reserve_sleeps_ = true;  // before idle_ is read: a worker reads the two in the other order
        if (idle_.load() > 0 && !stop_.is_raised()) needed_.wait(lock);
        reserve_sleeps_ = false;
    }
}

void Workers::relieve(Attendant& reserve) {
    const std::uint64_t served_before = served_.load();
    pause(glance, stop_);
    if (idle_.load() > 0 || !table_.has_ready() || stop_.is_raised()) return;
    const std::uint64_t progress = served_.load() - served_before;
    const std::size_t busy_now = busy();
    const bool gets_on = progress > busy_now / 16;
    for (std::size_t wanted = gets_on ? 0 : 1 + busy_now / 4; wanted > 0; --wanted) {
        if (!add_worker()) break;
    }
    if (threads() < limits_.workers_max && !is_starved()) return;
    relieve_tasks();
    constexpr int connections_at_once = 64;
    for (int count = 0; count < connections_at_once && idle_.load() == 0; ++count) {
        auto connection = table_.take_ready();
        if (!connection) return;
        reserve.serve_urgent(std::move(connection), limits_.patience);
    }
}

void Workers::relieve_tasks() {
    const Moment overdue = std::chrono::steady_clock::now() - limits_.patience;
    while (const auto task = tasks_.take_pressing(overdue)) {
        task->is_urgent() ? task->run() : task->turn_away();
    }
}

}  // namespace rockwatch::http
