#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace rockwatch {

/// A pattern of a service model: a Java regular expression that has to match the whole value.
class Pattern {
public:
    /// nullptr when RE2 cannot read it: look-ahead, back references.
    ///
    /// RE2 repeats at most 1,000 times; a larger upper bound is dropped, since the shape's own length limits
    /// say the same. Differs: without such a limit a longer value passes.
    static std::unique_ptr<Pattern> compile(const std::string& java_pattern);
    ~Pattern();

    bool matches(std::string_view text) const;

private:
    explicit Pattern(std::unique_ptr<re2::RE2> expression);
    std::unique_ptr<re2::RE2> expression_;
};

}  // namespace rockwatch
