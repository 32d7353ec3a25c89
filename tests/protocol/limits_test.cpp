#include <functional>

#include "cases.hpp"
#include "core/text.hpp"
#include "support/catch.hpp"

namespace rockwatch {

namespace {

/// How a format says what the limits are about.
struct Format {
    std::string service, operation;
    Protocol protocol;
    std::string target, code;
    std::function<std::string(int)> levels;            ///< a document of so many levels
    std::function<std::string(int)> members;           ///< a structure of so many members, one level down
    std::function<std::string(int, int)> collections;  ///< so many collections of so many values
};

std::string repeated(int count, const std::string& text) {
    std::string all;
    for (int index = 0; index < count; ++index) all += text;
    return all;
}

std::string in_json_levels(int count) { return repeated(count, R"({"a":)") + "0" + repeated(count, "}"); }

std::string in_json_members(int count) {
    std::string text = R"({"x":{"0":0)";
    for (int index = 1; index < count; ++index) text += ",\"" + std::to_string(index) + "\":0";
    return text + "}}";
}

std::string in_json_collections(int count, int size) {
    const std::string list = "[0" + repeated(size - 1, ",0") + "]";
    return R"({"x":[)" + list + repeated(count - 1, "," + list) + "]}";
}

std::string four_bytes(int number) {
    std::string bytes;
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        bytes += static_cast<char>(unsigned(number) >> shift & 0xffU);
    return bytes;
}

Format json_format(const std::string& service, const std::string& operation, Protocol protocol,
                   const std::string& target) {
    return {service,        operation,       protocol,           target, "SerializationException",
            in_json_levels, in_json_members, in_json_collections};
}

Format cbor_format() {
    return {"cloudwatch",
            "ListMetrics",
            Protocol::cbor,
            "/",
            "SerializationException",
            [](int count) { return repeated(count, "\xa1\x61\x61") + '\0'; },
            [](int count) {
                std::string bytes = "\xa1\x61x\xba" + four_bytes(count);
                for (int index = 0; index < count; ++index)
                    bytes += '\x64' + four_bytes(index & 0x7f7f7f) + '\0';
                return bytes;
            },
            [](int count, int size) {
                const std::string list = "\x9a" + four_bytes(size) + std::string(std::size_t(size), '\0');
                return "\xa1\x61x\x9a" + four_bytes(count) + repeated(count, list);
            }};
}

Format query_format() {
    return {"sns",
            "CreateTopic",
            Protocol::query,
            "/",
            "MalformedInput",
            [](int count) { return "a" + repeated(count - 1, ".a") + "=0"; },
            [](int count) {
                std::string form;
                for (int index = 0; index < count; ++index) form += "x." + std::to_string(index) + "=0&";
                return form;
            },
            [](int count, int size) {
                std::string form;
                for (int index = 0; index < count * size; ++index)
                    form += std::to_string(index / size) + "." + std::to_string(index % size) + "=&";
                return form;
            }};
}

Format xml_format() {
    return {"s3",
            "DeleteObjects",
            Protocol::rest_xml,
            "/b?delete",
            "MalformedXML",
            [](int count) { return repeated(count, "<a>") + repeated(count, "</a>"); },
            [](int count) { return "<D><x>" + repeated(count, "<a/>") + "</x></D>"; },
            [](int count, int size) {
                return "<D>" + repeated(count, "<x>" + repeated(size, "<a/>") + "</x>") + "</D>";
            }};
}

std::vector<Format> formats() {
    return {
        json_format("logs", "CreateLogGroup", Protocol::json, "/"),
        json_format("bedrock-runtime", "ApplyGuardrail", Protocol::rest_json, "/guardrail/g/version/1/apply"),
        cbor_format(), query_format(), xml_format()};
}

/// The code of the refusal; empty when the body was read.
std::string refusal(const Format& format, const std::string& body) {
    HttpRequest request;
    request.method = "POST";
    request.target = format.target;
    Ignored ignored;
    const OperationModel* operation = models().find(format.service)->operation(format.operation);
    try {
        codec_for(format.protocol).parse(*operation, request, body, ignored);
        return {};
    } catch (const ServiceError& error) {
        CHECK(error.status == 400);
        return error.code;
    }
}

}  // namespace

TEST_CASE("bodies are read down to 128 levels and refused beyond, in every format", "[protocol][limits]") {
    for (const Format& format : formats()) {
        CAPTURE(format.service);
        CHECK(refusal(format, format.levels(128)).empty());
        CHECK(refusal(format, format.levels(129)) == format.code);
        CHECK(refusal(format, format.levels(100'000)) == format.code);
    }
}

TEST_CASE("a structure may have 10,000 members and not one more, in every format", "[protocol][limits]") {
    for (const Format& format : formats()) {
        CAPTURE(format.service);
        CHECK(refusal(format, format.members(10'000)).empty());
        CHECK(refusal(format, format.members(10'001)) == format.code);
    }
}

TEST_CASE("a body may have a million values and hardly more, in every format", "[protocol][limits]") {
    for (const Format& format : formats()) {
        CAPTURE(format.service);
        CHECK(refusal(format, format.collections(996, 1'000)).empty());
        CHECK(refusal(format, format.collections(1'000, 1'000)) == format.code);
    }
}

TEST_CASE("a document inside of a member keeps the same limits", "[protocol][limits]") {
    const Format converse =
        json_format("bedrock-runtime", "Converse", Protocol::rest_json, "/model/m/converse");
    const auto inside = [](const std::string& document) {
        return R"({"additionalModelRequestFields":)" + document + "}";
    };
    CHECK(refusal(converse, inside(in_json_levels(127))).empty());
    CHECK(refusal(converse, inside(in_json_levels(128))) == "SerializationException");
    CHECK(refusal(converse, inside(in_json_members(10'000))).empty());
    CHECK(refusal(converse, inside(in_json_members(10'001))) == "SerializationException");
}

TEST_CASE("more than 10,000 attributes or parameters side by side are refused", "[protocol][limits]") {
    std::string attributes = "<a";
    for (int index = 0; index < 10'001; ++index) attributes += " x" + std::to_string(index) + "=''";
    CHECK(refusal(xml_format(), attributes + "/>") == "MalformedXML");
    std::string form;
    for (int index = 0; index < 10'001; ++index) form += "x" + std::to_string(index) + "=&";
    CHECK(refusal(query_format(), form) == "MalformedInput");
}

TEST_CASE("a form may have a million parameters and hardly more, even if they are one and the same",
          "[protocol][limits]") {
    CHECK(refusal(query_format(), repeated(1'000'000, "a&") + "b") == "MalformedInput");
    CHECK(refusal(query_format(), repeated(999'999, "a&") + "b").empty());
}

}  // namespace rockwatch
