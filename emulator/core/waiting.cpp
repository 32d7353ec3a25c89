#include "core/waiting.hpp"

namespace rockwatch {

namespace {

thread_local ThreadKeeper* keeper_of_this_thread = nullptr;

}  // namespace

void keep_this_thread(ThreadKeeper* keeper) { keeper_of_this_thread = keeper; }

Waiting::Waiting() : keeper_(keeper_of_this_thread) {
    if (keeper_ != nullptr) keeper_->begin_waiting();
}

Waiting::~Waiting() {
    if (keeper_ != nullptr) keeper_->end_waiting();
}

}  // namespace rockwatch
