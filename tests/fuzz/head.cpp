// A request's head: in whatever pieces it comes, it is read as the same head or refused for the same reason,
// and a head that was taken holds nothing that a second reader could read otherwise.

#include "http/head.hpp"

#include <algorithm>

#include "fuzz.hpp"

namespace rockwatch::fuzz {

namespace {

using http::Framing;
using http::Head;
using http::HeadReader;

HeadReader read_in_steps(std::string_view bytes, std::size_t step) {
    HeadReader reader;
    for (std::size_t size = std::min(step, bytes.size());; size = std::min(size + step, bytes.size())) {
        if (reader.read(bytes.substr(0, size)) != HeadReader::State::incomplete || size == bytes.size())
            return reader;
    }
}

std::string canonical(const Head& head) {
    std::string text =
        head.method + " " + head.target + (head.is_http_1_0 ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    for (const auto& [name, value] : head.headers) text.append(name).append(":").append(value).append("\r\n");
    return text + "\r\n";
}

void check_same(const Head& one, const Head& other) {
    promise(canonical(one) == canonical(other), "a head is the same however it comes");
    promise(one.framing == other.framing && one.content_length == other.content_length, "so is its framing");
    promise(one.keeps_alive == other.keeps_alive, "and what becomes of the connection");
    promise(one.expects_continue == other.expects_continue, "and what it expects");
}

void check_clean(const Head& head) {
    const auto is_bad = [](char letter) {
        const auto byte = static_cast<unsigned char>(letter);
        return (byte < 0x20 && letter != '\t') || byte == 0x7f;
    };
    promise(head.target.starts_with('/') || head.target == "*", "a target is a path");
    promise(std::none_of(head.target.begin(), head.target.end(), is_bad), "a target is clean");
    std::size_t hosts = 0;
    for (const auto& [name, value] : head.headers) {
        promise(!name.empty() && name.find_first_of(": \t\r\n") == std::string::npos, "a name is a token");
        promise(std::none_of(value.begin(), value.end(), is_bad), "a value is clean");
        hosts += name.size() == 4 && (name[0] | 0x20) == 'h' && (name[1] | 0x20) == 'o' &&
                 (name[2] | 0x20) == 's' && (name[3] | 0x20) == 't';
    }
    promise(hosts <= 1 && (hosts == 1 || head.is_http_1_0), "HTTP/1.1 has one Host");
    promise(head.headers.size() <= http::HeadLimits{}.headers_max, "headers are counted");
}

void head(std::string_view bytes) {
    HeadReader whole;
    whole.read(bytes);
    const bool is_short = bytes.size() <= 1024;  // a step of one byte takes its square
    for (const std::size_t step :
         {is_short ? std::size_t{1} : std::size_t{97}, std::size_t{7}, std::size_t{4096}}) {
        HeadReader reader = read_in_steps(bytes, step);
        promise(reader.state() == whole.state(), "a head is judged the same however it comes");
        if (whole.state() == HeadReader::State::broken) {
            promise(reader.fault().status == whole.fault().status, "and refused with the same status");
            promise(reader.fault().message == whole.fault().message, "and for the same reason");
        }
        if (whole.state() != HeadReader::State::complete) continue;
        promise(reader.size() == whole.size(), "its body begins at the same byte");
        HeadReader again;
        again.read(bytes);
        check_same(reader.take(), again.take());
    }
    if (whole.state() != HeadReader::State::complete) return;
    promise(whole.size() <= bytes.size(), "a head is no longer than what came");
    const Head taken = whole.take();
    check_clean(taken);
    HeadReader reader;
    promise(reader.read(canonical(taken)) == HeadReader::State::complete,
            "a head that was taken is taken again");
    check_same(taken, reader.take());
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(head)
