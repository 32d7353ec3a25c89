#include "services/sns/subscription_filter.hpp"

#include <fstream>
#include <sstream>

#include "core/json.hpp"
#include "support/catch.hpp"

using namespace rockwatch;
using namespace rockwatch::sns;

namespace {

Json cases() {
    std::ifstream file(std::string(ROCKWATCH_SOURCE_DIR) + "/tests/cases/sns/filter_policies.json");
    std::stringstream text;
    text << file.rdbuf();
    auto parsed = parse_json(text.str());
    REQUIRE(parsed);
    return *parsed;
}

/// The cases write attributes as plain values.
Json attributes_of(const Json& plain) {
    Json attributes = Json::object();
    for (const auto& [name, value] : plain.items()) {
        const char* type = value.is_number() ? "Number" : value.is_array() ? "String.Array" : "String";
        attributes[name] = {{"DataType", type},
                            {"StringValue", value.is_string() ? value.get<std::string>() : value.dump()}};
    }
    return attributes;
}

std::string fault(const Json& policy, FilterScope scope = FilterScope::message_body) {
    try {
        check_filter_policy(policy, scope);
        return "";
    } catch (const InvalidFilter& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("filter policies accept what SNS lets through", "[sns][filter]") {
    for (const auto& example : cases()) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const bool body = example.contains("body");
            const FilterScope scope = body ? FilterScope::message_body : FilterScope::message_attributes;
            const Json attributes = body ? Json::object() : attributes_of(example.at("attributes"));
            CHECK(fault(example.at("policy"), scope) == "");
            CHECK(accepts(example.at("policy"), scope, attributes,
                          body ? example.at("body").get<std::string>() : "") ==
                  example.at("accepted").get<bool>());
        }
    }
}

TEST_CASE("a binary attribute is there and equals nothing", "[sns][filter]") {
    const Json attributes{{"b", {{"DataType", "Binary"}, {"BinaryValue", Json::binary({1})}}}};
    CHECK(accepts({{"b", {{{"exists", true}}}}}, FilterScope::message_attributes, attributes, ""));
    CHECK_FALSE(accepts({{"b", {"AQ=="}}}, FilterScope::message_attributes, attributes, ""));
}

TEST_CASE("filter policies are refused in SNS's words", "[sns][filter]") {
    struct Row {
        std::string policy;
        std::string fault;
    };
    const auto row = GENERATE(values<Row>({
        {R"({"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]})",
         "Filter policy can not have more than 5 keys"},
        {R"({"a":[1,2,3,4,5,6],"b":[1,2,3,4,5,6],"c":[1,2,3,4,5]})", "Filter policy is too complex"},
        {R"({"a":{"b":{"c":[1,2,3,4]}},"d":{"e":[1,2,3]}})", ""},
        {R"({"a":"1"})", "\"a\" must be an object or an array"},
        {R"({"a":[]})", "Empty arrays are not allowed"},
        {R"({"a":[["1"]]})", "Match value must be String, number, true, false, or null"},
        {R"({"a":[{"prefix":"x","suffix":"y"}]})", "Only one key allowed in match expression"},
        {R"({"a":[{"regex":"x"}]})", "Unrecognized match type regex"},
        {R"({"a":[{"prefix":1}]})", "prefix match pattern must be a string"},
        {R"({"a":[{"exists":"yes"}]})", "exists match pattern must be either true or false."},
        {R"({"a":[{"anything-but":{"cidr":"x"}}]})", "Unsupported anything-but pattern: cidr"},
        {R"({"a":[{"numeric":[]}]})", "Invalid member in numeric match: ]"},
        {R"({"a":[{"numeric":["<>",1]}]})", "Unrecognized numeric range operator: <>"},
        {R"({"a":[{"numeric":["=","1"]}]})", "Value of equals must be numeric"},
        {R"({"a":[{"numeric":["<",1,">",0]}]})", "Too many elements in numeric expression"},
        {R"({"a":[{"numeric":[">",1,"=",2]}]})", "Bad numeric range operator: ="},
        {R"({"a":[{"numeric":[">",2,"<",1]}]})", "Bottom must be less than top"},
        {R"({"a":[{"numeric":[">",1,"<",2,"<",3]}]})", "Too many terms in numeric range expression"},
        {R"({"a":[{"cidr":"10.0.0.0"}]})", "Malformed CIDR, one '/' required"},
        {R"({"a":[{"cidr":"10.0.0.0/x"}]})", "Malformed CIDR, mask bits must be an integer"},
        {R"({"a":[{"cidr":"10.0.0/8"}]})", "Nonstandard IP address: 10.0.0"},
    }));
    CAPTURE(row.policy);
    CHECK(fault(*parse_json(row.policy)) == row.fault);
}

TEST_CASE("a policy on attributes has no nesting", "[sns][filter]") {
    CHECK(fault({{"a", {{"b", {"x"}}}}}, FilterScope::message_attributes) ==
          "Filter policy scope MessageAttributes does not support nested filter policy");
}
