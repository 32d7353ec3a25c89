#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

/// A fuzz target is one function over any bytes, which breaks a promise by throwing. It is built twice: with
/// libFuzzer, one program a target (tests/fuzz/run.sh), and into the ordinary tests, which replay the corpus.
namespace rockwatch::fuzz {

inline void promise(bool holds, const char* what) {
    if (!holds) throw std::logic_error(what);
}

/// The input's first line, and what stands behind it.
struct FirstLine {
    explicit FirstLine(std::string_view bytes)
        : line(bytes.substr(0, bytes.find('\n'))),
          rest(bytes.size() > line.size() ? bytes.substr(line.size() + 1) : std::string_view{}) {}
    std::string_view line, rest;
};

/// A tree as text that tells apart what `==` does not: a number's kind, a blob.
inline std::string exact(const Json& tree) {
    return tree.dump(-1, ' ', false, Json::error_handler_t::replace);
}

struct Target {
    std::string name;
    void (*run)(std::string_view bytes);
};

/// All targets of this program.
std::vector<Target>& targets();

struct Registration {
    Registration(const char* name, void (*run)(std::string_view)) { targets().push_back({name, run}); }
};

}  // namespace rockwatch::fuzz

#ifdef ROCKWATCH_FUZZ
#define ROCKWATCH_FUZZ_TARGET(name)                                                     \
    extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
        rockwatch::fuzz::name({reinterpret_cast<const char*>(data), size});             \
        return 0;                                                                       \
    }
#else
#define ROCKWATCH_FUZZ_TARGET(name) \
    static const rockwatch::fuzz::Registration name##_target(#name, &rockwatch::fuzz::name);
#endif
