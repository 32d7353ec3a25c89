#pragma once

#include <pthread.h>

#include <exception>
#include <functional>
#include <stdexcept>

namespace rockwatch {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::size_t worker_stack_bytes = 1024 * 1024;
#else
inline constexpr std::size_t worker_stack_bytes = 256 * 1024;
#endif

/// Runs `work` on a thread with the stack of a worker (http/front.cpp), and throws what it threw: the main
/// thread of a test has 32 times as much. Recursion that is too deep ends the whole program.
inline void on_worker_stack(std::function<void()> work) {
    struct Job {
        std::function<void()> work;
        std::exception_ptr thrown;
    } job{std::move(work), nullptr};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, worker_stack_bytes);
    const auto run = [](void* argument) -> void* {
        auto& mine = *static_cast<Job*>(argument);
        try {
            mine.work();
        } catch (...) {
            mine.thrown = std::current_exception();
        }
        return nullptr;
    };
    pthread_t thread{};
    const bool is_started = pthread_create(&thread, &attributes, run, &job) == 0;
    pthread_attr_destroy(&attributes);
    if (!is_started) throw std::runtime_error("the system gives no thread");
    pthread_join(thread, nullptr);
    if (job.thrown) std::rethrow_exception(job.thrown);
}

}  // namespace rockwatch
