#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/shared.hpp"
#include "protocol/message.hpp"

namespace rockwatch::http {

/// What is answered to a request, and whether it was let in at all.
struct Answered {
    HttpReply reply;
    bool is_let_in = true;
};

/// Asks the guard, and then the handler: the same for both wire formats. Never throws what a handler throws.
Answered ask(Shared& shared, HttpRequest& request);

/// True for a header that the writer of the wire format makes itself: a handler has no say in it.
bool is_framing_header(std::string_view name);

/// False for a header that could break out of its line, which is logged.
bool may_be_sent(const std::string& name, const std::string& value);

bool has_no_body(int status);

/// The Date header: the real time, whatever the emulator's clock says, since clients sign by it (protocols.md
/// 9.5). One a thread.
class DateHeader {
public:
    const std::string& now();

private:
    std::string text_;
    std::int64_t second_ = -1;
};

}  // namespace rockwatch::http
