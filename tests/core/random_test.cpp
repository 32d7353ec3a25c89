#include "core/random.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "support/catch.hpp"

using namespace rockwatch;

namespace {

struct Draws {
    std::uint64_t number;
    std::uint64_t below;
    double unit;
    std::string uuid;
    std::string text;
    bool operator==(const Draws&) const = default;
};

Draws draw(Random& random) {
    return {random.next(), random.below(1000), random.unit(), random.uuid(), random.text(52, alphanumeric)};
}

}  // namespace

TEST_CASE("the same seed gives the same numbers and ids, also after a reseed", "[core][random]") {
    Random first(7);
    Random second(7);
    Random other(8);
    const Draws draws = draw(first);
    CHECK(draws == draw(second));
    CHECK_FALSE(draws == draw(other));
    CHECK_FALSE(draws == draw(first));
    first.reseed(7);
    CHECK(draws == draw(first));
}

TEST_CASE("an id is a version 4 UUID", "[core][random]") {
    Random random(1);
    std::set<std::string> seen;
    for (int round = 0; round < 1000; ++round) {
        const std::string uuid = random.uuid();
        REQUIRE(uuid.size() == 36);
        for (std::size_t at = 0; at < uuid.size(); ++at) {
            const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
            REQUIRE((uuid[at] == '-') == dash);
            if (!dash) REQUIRE(std::string_view("0123456789abcdef").find(uuid[at]) != std::string_view::npos);
        }
        REQUIRE(uuid[14] == '4');
        REQUIRE(std::string_view("89ab").find(uuid[19]) != std::string_view::npos);
        seen.insert(uuid);
    }
    CHECK(seen.size() == 1000);
}

TEST_CASE("numbers stay in their range and reach all of it", "[core][random]") {
    Random random(1);
    std::set<std::uint64_t> seen;
    double least = 1;
    double most = 0;
    for (int round = 0; round < 1000; ++round) {
        const auto number = random.below(7);
        REQUIRE(number < 7);
        seen.insert(number);
        const double unit = random.unit();
        REQUIRE(unit >= 0);
        REQUIRE(unit < 1);
        least = std::min(least, unit);
        most = std::max(most, unit);
    }
    CHECK(seen.size() == 7);
    CHECK(least < 0.01);
    CHECK(most > 0.99);
}

TEST_CASE("random text is made of its alphabet alone", "[core][random]") {
    Random random(1);
    const std::string text = random.text(500, "ab");
    CHECK(text.size() == 500);
    CHECK(text.find_first_not_of("ab") == std::string::npos);
    CHECK(text.find('a') != std::string::npos);
    CHECK(text.find('b') != std::string::npos);
}

TEST_CASE("the hash of a text is FNV-1a and depends on the text alone", "[core][random]") {
    CHECK(text_hash("") == 0xcbf29ce484222325ULL);
    CHECK(text_hash("a") == 0xaf63dc4c8601ec8cULL);
    CHECK(text_hash("foobar") == 0x85944171f73967e8ULL);
}
