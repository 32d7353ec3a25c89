#include "front_options.hpp"

#include "support/catch.hpp"

using namespace rockwatch;

TEST_CASE("a body of --max-body has room among the others, however large that is", "[options]") {
    constexpr std::int64_t mib = 1 << 20;
    struct Row {
        std::int64_t max_body;
        std::size_t together;
    };
    const Row row = GENERATE(values<Row>(
        {{64 * mib, 512 * mib}, {256 * mib, 512 * mib}, {257 * mib, 514 * mib}, {1 << 30, 2LL << 30}}));
    CAPTURE(row.max_body);
    Options options;
    options.max_body = row.max_body;
    const FrontOptions front = front_options(options);
    CHECK(front.body.body_bytes_max == static_cast<std::uint64_t>(row.max_body));
    CHECK(front.bodies_bytes_max == row.together);
}
