#include "services/bedrock_runtime/json_writer.hpp"

#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

TEST_CASE("texts are escaped as JSON asks, and nothing else is", "[runtime][json]") {
    struct Row {
        std::string text;
        std::string json;
    };
    const auto row = GENERATE(values<Row>({{"", R"("")"},
                                           {"plain / äöü 日本", R"("plain / äöü 日本")"},
                                           {"a\"b\\c", R"("a\"b\\c")"},
                                           {"\n\r\t\b\f", R"("\n\r\t\b\f")"},
                                           {std::string("\0\x1f", 2), R"("\u0000\u001f")"}}));
    CHECK(json_string(row.text) == row.json);
    CHECK(parse_json(json_string(row.text)).value() == Json(row.text));
}

TEST_CASE("a tree is written compact and reads back the same", "[runtime][json]") {
    const std::string text =
        R"({"a":[1,-2,0.7,1e+300,true,false,null],"b":{},"c":[],"d":{"e":"f"},"g":18446744073709551615})";
    const Json tree = parse_json(text).value();
    CHECK(parse_json(json_text(tree)).value() == tree);
    CHECK(json_text(parse_json(R"({"b":{},"a":[],"c":0.7})").value()) == R"({"a":[],"b":{},"c":0.7})");
}

TEST_CASE("binary values are base64, or left out with their members", "[runtime][json]") {
    const Json tree = {{"a", {{"bytes", Json::binary({104, 105})}, {"format", "png"}}}};
    CHECK(json_text(tree) == R"({"a":{"bytes":"aGk=","format":"png"}})");
    std::string out;
    append_json(out, tree, Blobs::left_out);
    CHECK(out == R"({"a":{"format":"png"}})");
}

TEST_CASE("compacting drops blanks between tokens alone", "[runtime][json]") {
    std::string out;
    append_compacted(out, "{ \"b\" : [ 1 , \"x \\\" y\\\\\" ] ,\n\t\"a\":\"\"}\r\n");
    CHECK(out == R"({"b":[1,"x \" y\\"],"a":""})");
}

}  // namespace rockwatch::bedrock_runtime
