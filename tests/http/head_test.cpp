#include "http/head.hpp"

#include "case_bytes.hpp"
#include "http/sniff.hpp"
#include "support/catch.hpp"

using rockwatch::Json;
using rockwatch::http::Framing;
using rockwatch::http::Head;
using rockwatch::http::HeadReader;
using rockwatch::http::Protocol;
using rockwatch::http::sniff;
using rockwatch::test::bytes_of;
using rockwatch::test::http_cases;

namespace {

HeadReader read_whole(const std::string& bytes) {
    HeadReader reader;
    reader.read(bytes);
    return reader;
}

HeadReader read_byte_by_byte(const std::string& bytes) {
    HeadReader reader;
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        if (reader.read(std::string_view(bytes).substr(0, size)) != HeadReader::State::incomplete) break;
    }
    return reader;
}

std::string name_of(Framing framing) {
    return framing == Framing::none ? "none" : framing == Framing::length ? "length" : "chunked";
}

Json headers_of(const Head& head) {
    Json headers = Json::array();
    for (const auto& [name, value] : head.headers) headers.push_back({name, value});
    return headers;
}

void check_head(const Json& expected, const Head& head, std::size_t rest) {
    const Json found = {{"method", head.method},
                        {"target", head.target},
                        {"headers", headers_of(head)},
                        {"headerCount", head.headers.size()},
                        {"framing", name_of(head.framing)},
                        {"length", head.content_length},
                        {"keepsAlive", head.keeps_alive},
                        {"keepAlive", head.keeps_alive},
                        {"expectsContinue", head.expects_continue},
                        {"isHttp10", head.is_http_1_0},
                        {"rest", rest}};
    for (const auto& [member, value] : expected.items()) {
        if (member == "name" || member == "bytes" || member == "source") continue;
        CAPTURE(member);
        CHECK(found.at(member) == value);
    }
}

void check(const Json& expected, HeadReader reader, std::size_t size) {
    if (expected.contains("incomplete")) {
        CHECK(reader.state() == HeadReader::State::incomplete);
    } else if (expected.contains("status")) {
        REQUIRE(reader.state() == HeadReader::State::broken);
        CHECK(reader.fault().status == expected.at("status"));
        CHECK_FALSE(reader.fault().message.empty());
    } else {
        INFO(reader.fault().message);
        REQUIRE(reader.state() == HeadReader::State::complete);
        const std::size_t head_size = reader.size();
        check_head(expected, reader.take(), size - head_size);
    }
}

}  // namespace

TEST_CASE("a request's head is taken or refused as the case says, whole or byte by byte", "[http][head]") {
    static const Json cases = http_cases("heads.json");  // each section comes here again
    for (const Json& example : cases) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const std::string bytes = bytes_of(example.at("bytes"));
            const HeadReader whole = read_whole(bytes);
            const HeadReader stepwise = read_byte_by_byte(bytes);
            check(example, whole, bytes.size());
            check(example, stepwise, bytes.size());
            CHECK(whole.fault().message == stepwise.fault().message);
        }
    }
}

TEST_CASE("a line that can't be a request is refused at its first wrong byte", "[http][head]") {
    CHECK(read_whole("\x16").state() == HeadReader::State::broken);
    CHECK(read_whole("GETX").state() == HeadReader::State::broken);
    CHECK(read_whole("HELO").state() == HeadReader::State::broken);
    CHECK(read_whole("GET").state() == HeadReader::State::incomplete);
}

TEST_CASE("the first bytes tell HTTP/2 from HTTP/1", "[http][sniff]") {
    CHECK(sniff("") == Protocol::undecided);
    CHECK(sniff("P") == Protocol::undecided);
    CHECK(sniff("PO") == Protocol::http1);
    CHECK(sniff("PRI * HTTP/2.0\r\n\r\nSM\r\n\r") == Protocol::undecided);
    CHECK(sniff("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") == Protocol::http2);
    CHECK(sniff("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00") == Protocol::http2);
    CHECK(sniff("PRI * HTTP/1.1\r\n") == Protocol::http1);
}
