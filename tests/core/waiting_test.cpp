#include "core/waiting.hpp"

#include <thread>

#include "support/catch.hpp"

namespace rockwatch {

namespace {

class CountingKeeper : public ThreadKeeper {
public:
    void begin_waiting() override { ++begun; }
    void end_waiting() override { ++ended; }

    int begun = 0;
    int ended = 0;
};

}  // namespace

TEST_CASE("a thread's keeper hears when the thread waits, and when it goes on", "[core][waiting]") {
    CountingKeeper keeper;
    std::thread kept([&] {
        keep_this_thread(&keeper);
        const Waiting waiting;
        CHECK(keeper.begun == 1);
        CHECK(keeper.ended == 0);
    });
    kept.join();
    CHECK(keeper.begun == 1);
    CHECK(keeper.ended == 1);
}

TEST_CASE("a thread that nobody keeps may wait all the same", "[core][waiting]") {
    CountingKeeper keeper;
    std::thread([&] { keep_this_thread(&keeper); }).join();
    { const Waiting waiting; }
    CHECK(keeper.begun == 0);
}

}  // namespace rockwatch
