#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace rockwatch::http {

/// Bytes on their way out, in the order they came.
class Http2Output {
public:
    /// What has been taken leaves memory when it is so much, or when nothing waits: moving the rest to the
    /// front each time would cost more than it saves.
    static constexpr std::size_t taken_bytes_max = 64 * 1024;

    void add(std::string_view bytes) { bytes_ += bytes; }

    /// Moves at most `size` bytes to `buffer`, and tells how many.
    std::size_t take(char* buffer, std::size_t size) {
        const std::size_t count = std::min(size, waiting());
        std::memcpy(buffer, bytes_.data() + at_, count);
        at_ += count;
        if (waiting() == 0 || at_ >= taken_bytes_max) {
            bytes_.erase(0, at_);
            at_ = 0;
        }
        return count;
    }

    std::size_t waiting() const { return bytes_.size() - at_; }
    /// Bytes in memory: what waits, and what has been taken and has not left.
    std::size_t held() const { return bytes_.size(); }

private:
    std::string bytes_;
    std::size_t at_ = 0;
};

}  // namespace rockwatch::http
