#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace rockwatch::simulation {

/// An invariant of threats.md section 8 does not hold: its name and the facts.
struct Violation : std::runtime_error {
    Violation(std::string_view invariant, const std::string& facts)
        : std::runtime_error(std::string(invariant) + ": " + facts), invariant(invariant) {}
    std::string invariant;
};

/// `facts` is a function so that its text costs nothing while all is well.
template <class Facts>
void demand(bool holds, std::string_view invariant, Facts&& facts) {
    if (!holds) throw Violation(invariant, facts());
}

}  // namespace rockwatch::simulation
