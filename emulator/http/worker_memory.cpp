#include "http/worker_memory.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>

#ifdef ROCKWATCH_TCMALLOC
#include <gperftools/malloc_extension.h>
#endif

namespace rockwatch::http {

namespace {

/// The lowest address of the present thread's stack; nullptr when nobody can tell.
char* stack_low() {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
    void* low = nullptr;
    std::size_t size = 0;
    const bool is_known = pthread_attr_getstack(&attributes, &low, &size) == 0;
    pthread_attr_destroy(&attributes);
    return is_known ? static_cast<char*>(low) : nullptr;
}

}  // namespace

void give_back_memory(std::chrono::steady_clock::time_point due) {
    constexpr std::chrono::milliseconds worth_it{100};
    if (due - std::chrono::steady_clock::now() < worth_it) return;
#ifdef ROCKWATCH_TCMALLOC
    MallocExtension::instance()->MarkThreadIdle();
#endif
    thread_local char* const low = stack_low();  // begins with a page
    if (low == nullptr) return;
    static const auto page = static_cast<std::ptrdiff_t>(sysconf(_SC_PAGESIZE));
    constexpr std::ptrdiff_t in_use = 1024;  // of this function and the system call, red zone included
    const std::ptrdiff_t below = static_cast<char*>(__builtin_frame_address(0)) - low - in_use;
    if (below >= page) madvise(low, static_cast<std::size_t>(below / page * page), MADV_DONTNEED);
}

}  // namespace rockwatch::http
