#include "fuzz.hpp"

namespace rockwatch::fuzz {

std::vector<Target>& targets() {
    static std::vector<Target> all;
    return all;
}

}  // namespace rockwatch::fuzz
