#include "deliveries/pool.hpp"

#include <future>
#include <stdexcept>
#include <system_error>

#include "support/catch.hpp"

using rockwatch::deliveries::Pool;

namespace {

/// A system that gives so many threads and no more.
struct Stingy {
    Pool::Start start() {
        return [this](std::function<void()> work) {
            if (left == 0) throw std::system_error(EAGAIN, std::generic_category());
            --left;
            return std::thread(std::move(work));
        };
    }
    int left;
};

}  // namespace

TEST_CASE("work for which the system gives no thread runs on whoever brings it", "[deliveries][pool]") {
    Stingy system{.left = 0};
    Pool pool(8, system.start());
    std::thread::id ran_on;
    for (std::uint64_t count = 1; count <= 3; ++count) {
        ran_on = {};
        pool.run([&] { ran_on = std::this_thread::get_id(); });
        CHECK(ran_on == std::this_thread::get_id());
        CHECK(pool.handed_in() == count);
        CHECK(pool.waiting() == 0);
    }
    pool.drain_since(0);

    system.left = 1;  // and when it gives one again, that one works
    pool.run([&] { ran_on = std::this_thread::get_id(); });
    pool.drain_since(0);
    CHECK(ran_on != std::this_thread::get_id());
    pool.stop();
}

TEST_CASE("work for which the system gives no further thread is done by those that there are",
          "[deliveries][pool]") {
    Stingy system{.left = 1};
    Pool pool(8, system.start());
    std::promise<void> let_go;
    std::thread::id first;
    std::thread::id second;
    pool.run([&] {
        let_go.get_future().wait();
        first = std::this_thread::get_id();
    });
    pool.run([&] { second = std::this_thread::get_id(); });
    CHECK(pool.waiting() == 2);
    let_go.set_value();
    pool.drain_since(0);
    CHECK(second == first);
    CHECK(second != std::this_thread::get_id());
}

TEST_CASE("a pool without threads runs work on whoever brings it, and work may bring more",
          "[deliveries][pool]") {
    Pool pool(0);
    int depth = 0;
    pool.run([&] {
        pool.run([&] { ++depth; });
        ++depth;
    });
    CHECK(depth == 2);
    CHECK(pool.handed_in() == 2);
    pool.stop();
    pool.run([&] { ++depth; });
    CHECK(depth == 2);
}
