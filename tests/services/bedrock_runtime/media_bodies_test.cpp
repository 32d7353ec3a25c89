#include "case_file.hpp"
#include "runtime_world.hpp"
#include "support/catch.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

/// Every place of a tree, the root as well.
std::vector<Json::json_pointer> places_of(const Json& tree) {
    std::vector<Json::json_pointer> places;
    const Json flat = tree.flatten();
    for (const auto& [place, value] : flat.items()) {
        for (Json::json_pointer pointer(place); !pointer.empty(); pointer.pop_back()) {
            if (std::find(places.begin(), places.end(), pointer) == places.end()) places.push_back(pointer);
        }
    }
    places.emplace_back();
    return places;
}

/// Refused as a request of the caller, or as something that the emulator lacks; an exception would be our own
/// fault.
bool is_answered_or_refused(RuntimeWorld& world, const std::string& model, const Json& body) {
    const ReplyPlan plan = world.play_native("InvokeModel", model, body.dump());
    if (!plan.error) return parse_json(plan.body).has_value();
    return plan.error->code == "ValidationException" || plan.error->code == "NotImplemented";
}

}  // namespace

TEST_CASE("a whole body of each kind is answered", "[runtime][families]") {
    for (const Json& example : case_file("bedrock_runtime/media_bodies.json")) {
        RuntimeWorld world;
        CAPTURE(example.at("body").dump());
        const ReplyPlan plan =
            world.play_native("InvokeModel", example.at("modelId"), example.at("body").dump());
        if (plan.error) FAIL(plan.error->message);
    }
}

TEST_CASE("a body with any value in any place is answered or refused", "[runtime][families]") {
    const Json values =
        parse_json(
            R"([null, true, -1, 0, 1.5, 1e300, 4611686018427387904, 9223372036854775807, 18446744073709551615, -9223372036854775808, "", "x", "é",
                                [], [null], [[]], {}, {"a": 1}, {"bytes": 5}])")
            .value();
    RuntimeWorld world;
    world.logging.config.reset();
    for (const Json& example : case_file("bedrock_runtime/media_bodies.json")) {
        const Json& body = example.at("body");
        for (const Json::json_pointer& place : places_of(body)) {
            for (const Json& value : values) {
                Json changed = body;
                changed[place] = value;
                CAPTURE(example.at("modelId"), place.to_string(), value.dump());
                REQUIRE(is_answered_or_refused(world, example.at("modelId"), changed));
            }
        }
    }
}

TEST_CASE("a body without any one of its members is answered or refused", "[runtime][families]") {
    RuntimeWorld world;
    world.logging.config.reset();
    for (const Json& example : case_file("bedrock_runtime/media_bodies.json")) {
        for (const Json::json_pointer& place : places_of(example.at("body"))) {
            if (place.empty() || !example.at("body").at(place.parent_pointer()).is_object()) continue;
            Json changed = example.at("body");
            changed[place.parent_pointer()].erase(place.back());
            CAPTURE(example.at("modelId"), place.to_string());
            REQUIRE(is_answered_or_refused(world, example.at("modelId"), changed));
        }
    }
}

}  // namespace rockwatch::bedrock_runtime
