#include "protocol/cbor.hpp"

#include "cases.hpp"
#include "support/catch.hpp"

namespace rockwatch {

// Facts: protocols.md 2.6.1.
TEST_CASE("CBOR in definite and in indefinite form means the same tree", "[protocol][cbor]") {
    struct Row {
        std::string hex;
        Json tree;
    };
    const auto row = GENERATE(values<Row>({
        {"a2714d657472696344617461526573756c747381a5624964626d31654c6162656c6b496e766f636174696f6e736a5374617"
         "47573436f646568"
         "436f6d706c6574656a54696d657374616d707382c1fb41d964df48000000c1fb41d964df390000006656616c75657382fb4"
         "008000000000000"
         "fb3ff8000000000000684d6573736167657380",
         {{"MetricDataResults",
           {{{"Id", "m1"},
             {"Label", "Invocations"},
             {"StatusCode", "Complete"},
             {"Timestamps", {1704164640.0 - 1704164640.0 + 1704164640.0, 1704164580.0}},
             {"Values", {3.0, 1.5}}}}},
          {"Messages", Json::array()}}},
        {"bf714d657472696344617461526573756c74739fbf6249647f616d6131ff6a54696d657374616d70739fc11a65937d20ff6"
         "656616c7565739f"
         "f93e00fa4020000003ffffffff",
         {{"MetricDataResults", {{{"Id", "m1"}, {"Timestamps", {1704164640}}, {"Values", {1.5, 2.5, 3}}}}}}},
        {"a26161f66162f7", {{"a", nullptr}, {"b", nullptr}}},
        {"a1616120", {{"a", -1}}},
        {"a161613b7fffffffffffffff", {{"a", INT64_MIN}}},
        {"a16161f97c00", {{"a", std::numeric_limits<double>::infinity()}}},
        {"a16161f90001", {{"a", 5.960464477539063e-8}}},
        {"a16161f93c00", {{"a", 1.0}}},
        {"a16161f9c400", {{"a", -4.0}}},
        {"a16161f97bff", {{"a", 65504.0}}},
        {"a16161f98000", {{"a", -0.0}}},
        {"a16161fa47c35000", {{"a", 100000.0}}},
        {"a16161fa7f7fffff", {{"a", 3.4028234663852886e+38}}},
        {"a16161fb7fefffffffffffff", {{"a", 1.7976931348623157e+308}}},
        {"a161611bffffffffffffffff", {{"a", UINT64_MAX}}},
        {"a161613bffffffffffffffff", {{"a", -18446744073709551616.0}}},
        {"a161613b8000000000000000", {{"a", -9223372036854775808.0}}},
        {"a16161c11a65937d20", {{"a", 1704164640}}},
        {"a16161c120", {{"a", -1}}},
        {"a16161c1f93e00", {{"a", 1.5}}},
        {"a16161c1fa40200000", {{"a", 2.5}}},
        {"a161615f42000141ff40ff", {{"a", Json::binary({0, 1, 255})}}},
        {"a161617fff", {{"a", ""}}},
        {"7f61c361a9ff", "\xc3\xa9"},
        {"a161617f61606161ff", {{"a", "`a"}}},
        {"a161619f9f80ffbfffff", {{"a", {Json::array({Json::array()}), Json::object()}}}},
        {"b8017801619800", {{"a", Json::array()}}},
        {"bb000000000000000179000161990000", {{"a", Json::array()}}},
        {"a2616100616101", {{"a", 1}}},
        {"00", 0},
        {"f6", nullptr},
    }));
    CAPTURE(row.hex);
    std::string problem;
    const auto parsed = parse_cbor(from_hex(row.hex), &problem);
    CAPTURE(problem);
    REQUIRE(parsed.has_value());
    CHECK(*parsed == row.tree);
}

TEST_CASE("broken CBOR is refused and never believed", "[protocol][cbor]") {
    struct Row {
        std::string hex, problem;
    };
    const auto row = GENERATE(values<Row>({
        {"", "it ends too early"},
        {"a1", "it ends too early"},
        {"a16161", "it ends too early"},
        {"a10101", "a key is not a text"},
        {"7b7fffffffffffffff61", "a string is longer than the body"},
        {"9b7fffffffffffffff", "it ends too early"},
        {"bf6161", "it ends too early"},
        {"7f01ff", "a string has a malformed chunk"},
        {"7f7fffff", "a string has a malformed chunk"},
        {"61ff", "a text is not UTF-8"},
        {"c000", "it has a tag other than 1"},
        {"c16161", "a time is not a number"},
        {"c1c100", "a time is not a number"},
        {"ff", "it has an unknown simple value"},
        {"81ff", "it has an unknown simple value"},
        {"9f00", "it ends too early"},
        {"5f4100", "it ends too early"},
        {"5f6161ff", "a string has a malformed chunk"},
        {"7f61c3ff", "a text is not UTF-8"},
        {"1f", "a length is malformed"},
        {"df00", "a length is malformed"},
        {"1c", "a length is malformed"},
        {"f8ff", "it has an unknown simple value"},
        {"a0a0", "bytes are left over"},
    }));
    CAPTURE(row.hex);
    std::string problem;
    CHECK_FALSE(parse_cbor(from_hex(row.hex), &problem).has_value());
    CHECK(problem == row.problem);
}

TEST_CASE("CBOR is written with definite lengths, whole doubles and tagged times", "[protocol][cbor]") {
    struct Row {
        Json tree;
        std::string hex;
    };
    const auto row = GENERATE(values<Row>({
        {{{"Timestamp", 1704164645678}}, "a16954696d657374616d70c1fb41d964df496b645a"},
        {{{"Sum", 1.0}}, "a16353756dfb3ff0000000000000"},
        {{{"Unit", nullptr}}, "a0"},
        {{{"x", {0, 23, 24, 255, 256, 65536, 4294967296, -1, -25}}},
         "a161788900171818 18ff190100 1a00010000 1b0000000100000000 20 3818"},
    }));
    std::string hex = row.hex;
    std::erase(hex, ' ');
    std::string bytes;
    write_cbor(bytes, models().find("cloudwatch")->shape("Datapoint"), row.tree);
    CHECK(to_hex(bytes) == hex);
}

}  // namespace rockwatch
