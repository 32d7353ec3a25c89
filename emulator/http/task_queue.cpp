#include "http/task_queue.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace rockwatch::http {

TaskQueue::TaskQueue() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)) {
    if (!event_) throw std::system_error(errno, std::generic_category(), "eventfd");
}

void TaskQueue::add(std::unique_ptr<Task> task) {
    task->queued = std::chrono::steady_clock::now();
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    eventfd_write(event_.get(), 1);
}

std::unique_ptr<Task> TaskQueue::take() {
    const std::lock_guard lock(mutex_);
    return take_at(tasks_.begin());
}

std::unique_ptr<Task> TaskQueue::take_pressing(Moment overdue) {
    const std::lock_guard lock(mutex_);
    return take_at(std::find_if(tasks_.begin(), tasks_.end(), [&](const auto& task) {
        return task->queued < overdue || task->is_urgent();
    }));
}

void TaskQueue::clear() {
    while (take()) {
    }
}

std::unique_ptr<Task> TaskQueue::take_at(std::deque<std::unique_ptr<Task>>::iterator place) {
    if (place == tasks_.end()) return nullptr;
    auto task = std::move(*place);
    tasks_.erase(place);
    eventfd_t one = 0;
    eventfd_read(event_.get(), &one);
    return task;
}

}  // namespace rockwatch::http
