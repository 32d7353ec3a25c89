#include "http/worker_memory.hpp"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

#ifdef ROCKWATCH_TCMALLOC
#include <gperftools/malloc_extension.h>
#endif

namespace rockwatch::http {

namespace {

/// The lowest address of the present thread's stack; 0 when nobody can tell.
std::uintptr_t stack_low() {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return 0;
    void* low = nullptr;
    std::size_t size = 0;
    const bool is_known = pthread_attr_getstack(&attributes, &low, &size) == 0;
    pthread_attr_destroy(&attributes);
    return is_known ? reinterpret_cast<std::uintptr_t>(low) : 0;
}

}  // namespace

void give_back_memory() {
#ifdef ROCKWATCH_TCMALLOC
    MallocExtension::instance()->MarkThreadIdle();
#endif
    thread_local const std::uintptr_t low = stack_low();
    static const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    constexpr std::uintptr_t in_use = 1024;  // of this function and the system call, red zone included
    const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
    if (low == 0 || here <= low + in_use + page) return;
    const std::uintptr_t unused = (here - in_use) / page * page - low;
    madvise(reinterpret_cast<void*>(low), unused, MADV_DONTNEED);
}

}  // namespace rockwatch::http
