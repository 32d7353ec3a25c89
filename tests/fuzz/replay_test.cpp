// The corpora of the fuzz targets in the ordinary tests, so that both stay alive.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "fuzz.hpp"
#include "support/catch.hpp"

namespace rockwatch::fuzz {

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> inputs_of(const std::string& target) {
    const fs::path folder = fs::path(ROCKWATCH_SOURCE_DIR) / "tests/fuzz/corpus" / target;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::string content_of(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// What breaks, or nothing.
std::string broken_promise(const Target& target, std::string_view bytes) {
    try {
        target.run(bytes);
        return {};
    } catch (const std::exception& broken) {
        return broken.what();
    }
}

/// A few bytes of it become others, go, or come twice.
std::string damaged(std::string bytes, std::mt19937& random) {
    for (auto changes = random() % 3 + 1; changes > 0 && !bytes.empty(); --changes) {
        const std::size_t at = random() % bytes.size();
        switch (random() % 4) {
            case 0:
                bytes[at] = static_cast<char>(random());
                break;
            case 1:
                bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << random() % 8));
                break;
            case 2:
                bytes.erase(at, random() % 8 + 1);
                break;
            default:
                bytes.insert(at, bytes.substr(at, random() % 16 + 1));
        }
    }
    return bytes;
}

}  // namespace

TEST_CASE("every input of the corpora keeps the promises of its fuzz target, cut and damaged too", "[fuzz]") {
    REQUIRE(targets().size() >= 9);
    for (const Target& target : targets()) {
        const auto files = inputs_of(target.name);
        CAPTURE(target.name);
        REQUIRE(!files.empty());
        for (const fs::path& file : files) {
            CAPTURE(file.filename().string());
            const std::string whole = content_of(file);
            CHECK(broken_promise(target, whole) == "");
            std::mt19937 random(1);
            constexpr std::size_t variants = 40;
            for (std::size_t index = 0; index < variants; ++index) {
                const std::string cut = whole.substr(0, whole.size() * index / variants);
                const std::string other = damaged(whole, random);
                CAPTURE(index, cut, other);
                REQUIRE(broken_promise(target, cut) == "");
                REQUIRE(broken_promise(target, other) == "");
            }
        }
    }
}

}  // namespace rockwatch::fuzz
