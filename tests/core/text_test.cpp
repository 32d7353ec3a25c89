#include "core/text.hpp"

#include "support/catch.hpp"

using namespace rockwatch;

namespace {

using Parts = std::vector<std::string_view>;

}  // namespace

TEST_CASE("header names are compared without their case, in ASCII alone", "[core][text]") {
    CHECK(equal_ignoring_case("Content-Type", "content-TYPE"));
    CHECK_FALSE(equal_ignoring_case("Host", "Hosts"));
    CHECK_FALSE(equal_ignoring_case("\xc3\x89", "\xc3\xa9"));
    CHECK(lower_case("ABC-xyz_\xc3\x89") == "abc-xyz_\xc3\x89");
}

TEST_CASE("splitting keeps empty parts and joining puts them back", "[core][text]") {
    CHECK(split("a,,b,", ',') == Parts{"a", "", "b", ""});
    CHECK(split("", ',') == Parts{""});
    CHECK(join({"a", "", "b"}, "; ") == "a; ; b");
    CHECK(join({}, ",").empty());
}

TEST_CASE("base64 goes both ways", "[core][text]") {
    struct Row {
        std::string bytes;
        std::string text;
    };
    const auto row = GENERATE(values<Row>({
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foobar", "Zm9vYmFy"},
        {std::string("\0\xff\x10", 3), "AP8Q"},
    }));
    CHECK(base64_encode(row.bytes) == row.text);
    std::string bytes;
    CHECK(base64_decode(row.text, bytes));
    CHECK(bytes == row.bytes);
}

TEST_CASE("base64 may lack its padding", "[core][text]") {
    std::string bytes;
    CHECK(base64_decode("Zg", bytes));
    CHECK(bytes == "f");
    CHECK(base64_decode("Zm8", bytes));
    CHECK(bytes == "fo");
}

TEST_CASE("what is not base64 is refused", "[core][text]") {
    const std::string text =
        GENERATE("Z", "Zm9vY", "Zm 9v", "Zm9v\n", "Zm9-", "Zg=", "Zg===", "=Zg=", "Z=g=", "====");
    CAPTURE(text);
    std::string bytes;
    CHECK_FALSE(base64_decode(text, bytes));
}

TEST_CASE("percent escapes are decoded, broken ones stay", "[core][text]") {
    CHECK(percent_decode("a%2Fb%3a+c") == "a/b:+c");
    CHECK(percent_decode("a+b%2B", true) == "a b+");
    CHECK(percent_decode("100%") == "100%");
    CHECK(percent_decode("%4") == "%4");
    CHECK(percent_decode("%zz%41") == "%zzA");
    CHECK(percent_decode("%00") == std::string(1, '\0'));
}

TEST_CASE("everything that a URI reserves is percent-encoded", "[core][text]") {
    CHECK(percent_encode("AZaz09-_.~") == "AZaz09-_.~");
    CHECK(percent_encode("a b/c:\xc3\xa9*") == "a%20b%2Fc%3A%C3%A9%2A");
}

TEST_CASE("globs match whole texts", "[core][text]") {
    struct Row {
        std::string pattern;
        std::string text;
        bool matches;
    };
    const auto row = GENERATE(values<Row>({
        {"anthropic.claude-*", "anthropic.claude-3-haiku", true},
        {"anthropic.claude-*", "us.anthropic.claude-3", false},
        {"*", "", true},
        {"", "", true},
        {"", "a", false},
        {"a?c", "abc", true},
        {"a?c", "ac", false},
        {"*:oncall", "arn:aws:sns:us-east-1:1:oncall", true},
        {"*a*b*", "xxaxxbxx", true},
        {"*a*b", "xxaxxbxx", false},
        {"a*b*c", "abbbc", true},
        {"a**", "a", true},
        {"ab", "abc", false},
        {"a*", "b", false},
        {"*a", "*b", false},
    }));
    CAPTURE(row.pattern, row.text);
    CHECK(glob_matches(row.pattern, row.text) == row.matches);
}

TEST_CASE("a glob full of stars does not hang", "[core][text]") {
    std::string pattern;
    for (int index = 0; index < 100; ++index) pattern += "*a";
    CHECK_FALSE(glob_matches(pattern, std::string(5000, 'a') + "b"));
}

TEST_CASE("UTF-8 is judged as RFC 3629 does", "[core][text]") {
    CHECK(is_utf8("plain, \xc3\xa9, \xe2\x82\xac, \xf0\x9f\x98\x80"));
    const std::string broken =
        GENERATE("\x80", "\xc3", "\xc0\x80", "\xc1\xbf", "\xe2\x82", "\xe0\x80\x80", "\xed\xa0\x80",
                 "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x28\xa1");
    CHECK_FALSE(is_utf8(broken));
}

TEST_CASE("a code point is appended in one to four bytes", "[core][text]") {
    std::string text;
    for (const std::uint32_t point :
         {0x24U, 0x7fU, 0x80U, 0xe9U, 0x7ffU, 0x800U, 0x20acU, 0xffffU, 0x10000U, 0x1f600U, 0x10ffffU}) {
        append_utf8(text, point);
    }
    CHECK(text ==
          "\x24\x7f\xc2\x80\xc3\xa9\xdf\xbf\xe0\xa0\x80\xe2\x82\xac\xef\xbf\xbf\xf0\x90\x80\x80"
          "\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf");
}

TEST_CASE("the length of a text counts code points", "[core][text]") {
    CHECK(utf8_length("") == 0);
    CHECK(utf8_length("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80") == 4);
}
