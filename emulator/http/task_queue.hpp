#pragma once

#include <deque>
#include <memory>
#include <mutex>

#include "http/connection.hpp"

namespace rockwatch::http {

/// A request that no socket's readiness announces, since its connection carries others beside it. Any worker
/// may run it. One that is never run is destroyed.
class Task {
public:
    virtual ~Task() = default;
    virtual void run() = 0;
    /// Answered even when every worker is busy, and by run() without waiting for anything.
    virtual bool is_urgent() const = 0;
    /// In place of run(): no worker has become free in time. Never waits.
    virtual void turn_away() = 0;

    Moment queued{};
};

/// Tasks in the order they came. Thread-safe.
class TaskQueue {
public:
    TaskQueue();

    /// Readable while there are tasks.
    int fd() const { return event_.get(); }

    void add(std::unique_ptr<Task> task);
    /// Null when somebody else has been quicker.
    std::unique_ptr<Task> take();
    /// The first that is urgent, or has been queued before `overdue`. Null when there is none.
    std::unique_ptr<Task> take_pressing(Moment overdue);
    /// Destroys what nobody has taken.
    void clear();

private:
    std::unique_ptr<Task> take_at(std::deque<std::unique_ptr<Task>>::iterator place);

    Descriptor event_;  ///< a semaphore: as many as there are tasks
    std::mutex mutex_;
    std::deque<std::unique_ptr<Task>> tasks_;
};

}  // namespace rockwatch::http
