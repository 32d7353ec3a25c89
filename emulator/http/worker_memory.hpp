#pragma once

#include <chrono>

namespace rockwatch::http {

/// The present thread is about to wait for long: gives back what it holds of memory and does not need
/// meanwhile, the stack below its caller and what the allocator keeps for it. Thousands of held calls are
/// cheap because of it. A few microseconds.
void give_back_memory();

/// Whether a wait until then is worth it.
inline bool is_long(std::chrono::steady_clock::time_point due) {
    return due - std::chrono::steady_clock::now() > std::chrono::milliseconds(100);
}

}  // namespace rockwatch::http
