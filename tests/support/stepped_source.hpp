#pragma once

#include <algorithm>
#include <string>

#include "core/error.hpp"
#include "http/body.hpp"

namespace rockwatch::test {

/// A body that comes in so many bytes at a time. It throws when a byte is taken that has not come.
class SteppedSource : public http::ByteSource {
public:
    SteppedSource(std::string_view text, std::size_t step) : text_(text), step_(step) {}

    std::string_view peek() const override { return std::string_view(text_).substr(at_, came_ - at_); }
    void consume(std::size_t count) override {
        ensure(count <= came_ - at_, "no byte is taken that has not come");
        at_ += count;
    }
    bool fill() override {
        if (came_ == text_.size()) return false;
        came_ += std::min(step_, text_.size() - came_);
        return true;
    }

    std::size_t taken() const { return at_; }
    std::string rest() const { return text_.substr(at_); }

private:
    std::string text_;
    std::size_t step_;
    std::size_t at_ = 0;
    std::size_t came_ = 0;
};

}  // namespace rockwatch::test
