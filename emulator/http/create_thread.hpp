#pragma once

#include <pthread.h>

#include <functional>

namespace rockwatch::http {

/// Makes a thread as pthread_create does, and answers as it does. Tests have one refused.
using CreateThread =
    std::function<int(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* of)>;

}  // namespace rockwatch::http
