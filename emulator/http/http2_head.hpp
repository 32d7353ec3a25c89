#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/head.hpp"

namespace rockwatch::http {

/// Gathers the fields of one HTTP/2 request and makes of them the head that HTTP/1 would have sent, for the
/// reader of HTTP/1 heads to judge: there is one validator, and a request means the same on both wires. Knows
/// no nghttp2.
///
/// What only HTTP/2 can say wrong (order and number of pseudo-header fields, upper case, connection headers)
/// the library has refused before. Source: RFC 9113, section 8; threats.md, T5.
class Http2Head {
public:
    explicit Http2Head(const HeadLimits& limits) : limits_(limits) {}

    /// One field as it came. False when the whole decodes to more than any client can mean.
    bool take(std::string_view name, std::string_view value);

    /// What the fields hold in memory.
    std::size_t bytes() const { return lines_.size() + path_.size() + authority_.size(); }

    const std::string& method() const { return method_; }

    struct Result {
        bool is_good = false;
        Head head;
        HeadFault fault;  ///< unless it is good
    };
    /// All fields have been taken. `has_body`: the stream goes on behind the head.
    Result finish(bool has_body);

private:
    void take_pseudo(std::string_view name, std::string_view value);
    void take_host(std::string_view value);
    void fail(int status, std::string message);
    std::string as_http1() const;

    HeadLimits limits_;
    std::size_t size_ = 0;  ///< as RFC 9113 counts it, 32 for each field
    std::string method_;
    std::string path_;
    std::string scheme_;
    std::string authority_;
    std::string host_;
    std::string cookie_;
    std::string lines_;
    HeadFault fault_;
    bool has_failed_ = false;
};

}  // namespace rockwatch::http
