#include "core/text.hpp"
#include "runtime_world.hpp"
#include "services/bedrock_runtime/png.hpp"
#include "support/catch.hpp"

/// Image models with a rule.
namespace rockwatch::bedrock_runtime {

namespace {

struct Door {
    std::string model;
    std::string body;
};

const std::vector<Door> doors = {
    {"amazon.nova-canvas-v1:0", R"({"taskType":"TEXT_IMAGE","textToImageParams":{"text":"a red fox"}})"},
    {"amazon.titan-image-generator-v2:0",
     R"({"taskType":"TEXT_IMAGE","textToImageParams":{"text":"a red fox"},"imageGenerationConfig":{"numberOfImages":3}})"},
    {"stability.sd3-5-large-v1:0", R"({"prompt":"a red fox","seed":7})"},
    {"stability.stable-image-core-v1:1", R"({"prompt":"a red fox","seed":7,"output_format":"jpeg"})"}};

Json image_block(const std::string& bytes, const std::string& format = "png") {
    return {{"image", {{"format", format}, {"source", {{"bytes", base64_encode(bytes)}}}}}};
}

ReplyPlan ask(RuntimeWorld& world, const Door& door) {
    return world.play_native("InvokeModel", door.model, door.body);
}

}  // namespace

TEST_CASE("a rule's images are the answer of every family, in their order", "[runtime][images][rules]") {
    const std::string one = drawn_png({.size = {30, 20}, .seed = 1});
    const std::string two = "\xff\xd8 no image that we can read";
    for (const Door& door : doors) {
        CAPTURE(door.model);
        RuntimeWorld world;
        world.book.add({{"match", {{"prompt", "^a red fox$"}}},
                        {"respond", {{"content", {image_block(one), image_block(two, "jpeg")}}}}});
        const ReplyPlan plan = ask(world, door);
        REQUIRE_FALSE(plan.error);
        const Json answer = parse_json(plan.body).value();
        CHECK(answer.at("images") == Json{base64_encode(one), base64_encode(two)});
        if (door.model.starts_with("stability")) {
            CHECK(answer.at("seeds") == Json{7, 8});
            CHECK(answer.at("finish_reasons") == Json{nullptr, nullptr});
        } else {
            CHECK(answer.at("error").is_null());
        }
        CHECK(world.metrics.values("OutputImageCount", door.model) == std::vector<double>{2});
        CHECK(world.last_record().at("output").at("outputImageWidth") == 30);
        CHECK(world.last_record().at("output").at("outputImageHeight") == 20);
    }
}

TEST_CASE("a rule's body is sent verbatim and counted by what it holds", "[runtime][images][rules]") {
    struct Row {
        Json body;
        double images;
    };
    const auto row = GENERATE(values<Row>({{{{"images", {"AAAA", "BBBB"}}, {"error", nullptr}}, 2},
                                           {{{"images", Json::array()}, {"error", "blocked"}}, 0},
                                           {{{"finish_reasons", {"Filter reason: prompt"}}}, 0},
                                           {{{"something", "else"}}, 0}}));
    for (const Door& door : doors) {
        CAPTURE(door.model, row.body.dump());
        RuntimeWorld world;
        world.book.add({{"respond", {{"body", row.body}}}});
        const ReplyPlan plan = ask(world, door);
        REQUIRE_FALSE(plan.error);
        CHECK(parse_json(plan.body) == row.body);
        CHECK(world.metrics.values("OutputImageCount") == std::vector<double>{row.images});
        CHECK(world.metrics.values("OutputTokenCount").empty());
        CHECK_FALSE(world.last_record().at("output").contains("outputImageWidth"));
    }
}

TEST_CASE("what an image format cannot tell is refused, not dropped", "[runtime][images][rules]") {
    struct Row {
        Json respond;
        std::string what;
    };
    const std::string images = "anything but images with their bytes";
    const auto row = GENERATE_COPY(values<Row>(
        {{{{"text", "hello"}}, images},
         {{{"toolUse", {{"name", "f"}}}}, images},
         {{{"reasoning", "hm"}}, images},
         {{{"embedding", {{"dimensions", 8}}}}, images},
         {{{"content", {image_block("x"), {{"text", "hello"}}}}}, images},
         {{{"content",
            {{{"image", {{"format", "png"}, {"source", {{"s3Location", {{"uri", "s3://b/k"}}}}}}}}}}},
          images},
         {{{"content", {image_block("x")}}, {"stopReason", "max_tokens"}}, "the stop reason max_tokens"}}));
    CAPTURE(row.respond.dump());
    RuntimeWorld world;
    world.book.add({{"respond", row.respond}});
    const ReplyPlan plan = ask(world, doors[0]);
    REQUIRE(plan.error);
    CHECK(plan.error->code == "NotImplemented");
    CHECK(plan.error->message == "The native format of Nova Canvas has no place for " + row.what + ".");
    CHECK(world.metrics.points.empty());
    CHECK(world.logs.lines.empty());
}

TEST_CASE("a rule that filters the content is told in the family's words", "[runtime][images][rules]") {
    const auto answer = [](const Door& door, const Json& respond) {
        RuntimeWorld world;
        world.book.add({{"respond", respond}});
        const ReplyPlan plan = ask(world, door);
        if (plan.error) FAIL(plan.error->message);
        CHECK(world.metrics.values("OutputImageCount") ==
              std::vector<double>{respond.contains("content") ? 1.0 : 0.0});
        return parse_json(plan.body).value();
    };
    const Json all = {{"stopReason", "content_filtered"}};
    const Json some = {{"stopReason", "content_filtered"}, {"content", {image_block("x")}}};
    for (std::size_t index : {0, 1}) {
        CHECK(answer(doors[index], all) ==
              Json{{"images", Json::array()},
                   {"error", "All of the generated images have been blocked by our content filters."}});
        CHECK(answer(doors[index], some) ==
              Json{{"images", {"eA=="}},
                   {"error", "Some of the generated images have been blocked by our content filters."}});
    }
    for (std::size_t index : {2, 3}) {
        CHECK(answer(doors[index], all) == Json{{"finish_reasons", {"Filter reason: prompt"}}});
        CHECK(answer(doors[index], some) == Json{{"seeds", {7}},
                                                 {"finish_reasons", {"Filter reason: output image"}},
                                                 {"images", {"eA=="}}});
    }
}

TEST_CASE("errors and latencies of rules hold for image models", "[runtime][images][rules]") {
    RuntimeWorld world;
    world.book.add({{"id", "slow"}, {"latency", 6000}});
    CHECK(ask(world, doors[0]).headers.get("X-Amzn-Bedrock-Invocation-Latency") == "6000");
    world.book.add({{"error", {{"name", "ThrottlingException"}}}});
    const ReplyPlan plan = ask(world, doors[0]);
    REQUIRE(plan.error);
    CHECK(plan.error->code == "ThrottlingException");
    CHECK(world.metrics.values("OutputImageCount", doors[0].model) == std::vector<double>{1});
}

}  // namespace rockwatch::bedrock_runtime
