#include <fmt/format.h>

#include <set>

#include "core/text.hpp"
#include "decoded_png.hpp"
#include "runtime_world.hpp"
#include "services/bedrock_runtime/png.hpp"
#include "support/catch.hpp"

/// Image models without a rule: what comes out of each family's request.
namespace rockwatch::bedrock_runtime {

namespace {

const std::string canvas = "amazon.nova-canvas-v1:0";
const std::string titan_image_v2 = "amazon.titan-image-generator-v2:0";

/// A PNG of that size in base64, as an input.
std::string picture(PixelSize size) { return base64_encode(drawn_png({.size = size, .seed = 9})); }

Json answer_of(RuntimeWorld& world, const std::string& model, const Json& body) {
    const ReplyPlan plan = world.play_native("InvokeModel", model, body.dump());
    if (plan.error) FAIL(plan.error->message);
    return parse_json(plan.body).value();
}

DecodedPng decoded(const Json& base64) {
    std::string bytes;
    REQUIRE(base64_decode(base64.get<std::string>(), bytes));
    return decode_png(bytes);
}

std::string size_of(const Json& base64) {
    const DecodedPng png = decoded(base64);
    return fmt::format("{}x{}", png.width, png.height);
}

Json text_to_image(const Json& config = Json::object()) {
    return {{"taskType", "TEXT_IMAGE"},
            {"textToImageParams", {{"text", "a red fox"}}},
            {"imageGenerationConfig", config}};
}

}  // namespace

TEST_CASE("Titan and Canvas answer each task with PNGs of its size", "[runtime][images]") {
    struct Row {
        std::string name;
        std::string model;
        Json body;
        std::string size;
        std::size_t count = 1;
    };
    const std::string input = picture({640, 480});
    const Json edit_params = {{"image", input}, {"text", "a hat"}, {"maskPrompt", "head"}};
    const Json try_on = {
        {"sourceImage", input},
        {"referenceImage", picture({512, 512})},
        {"maskType", "GARMENT"},
        {"garmentBasedMask",
         {{"garmentClass", "UPPER_BODY"}, {"garmentStyling", {{"tuckingStyle", "TUCKED"}}}}}};
    std::vector<Row> rows = {
        {"Titan says nothing", titan_image_v2, text_to_image(), "1024x1024"},
        {"Titan's smallest", titan_image_v2, text_to_image({{"width", 320}, {"height", 704}}), "320x704"},
        {"Titan's odd one", titan_image_v2, text_to_image({{"width", 1173}, {"height", 640}}), "1173x640"},
        {"Titan v1", "amazon.titan-image-generator-v1", text_to_image({{"numberOfImages", 2}}), "1024x1024",
         2},
        {"Canvas says nothing",
         canvas,
         {{"taskType", "TEXT_IMAGE"}, {"textToImageParams", {{"text", "a"}}}},
         "1024x1024"},
        {"Canvas' longest", canvas, text_to_image({{"width", 4096}, {"height", 1024}}), "4096x1024"},
        {"Canvas' square", canvas,
         text_to_image({{"width", 2048}, {"height", 2048}, {"quality", "premium"}, {"numberOfImages", 5}}),
         "2048x2048", 5},
        {"conditioned",
         canvas,
         {{"taskType", "TEXT_IMAGE"},
          {"textToImageParams",
           {{"text", "a"},
            {"conditionImage", input},
            {"controlMode", "SEGMENTATION"},
            {"controlStrength", 0.3},
            {"style", "PHOTOREALISM"}}}},
         "1024x1024"},
    };
    for (const std::string& model : {canvas, titan_image_v2}) {
        rows.push_back({"INPAINTING",
                        model,
                        {{"taskType", "INPAINTING"},
                         {"inPaintingParams", edit_params},
                         {"imageGenerationConfig", {{"numberOfImages", 3}}}},
                        "640x480",
                        3});
        rows.push_back(
            {"OUTPAINTING",
             model,
             {{"taskType", "OUTPAINTING"},
              {"outPaintingParams",
               {{"image", input}, {"text", "a"}, {"maskImage", input}, {"outPaintingMode", "PRECISE"}}}},
             "640x480"});
        rows.push_back({"IMAGE_VARIATION",
                        model,
                        {{"taskType", "IMAGE_VARIATION"},
                         {"imageVariationParams", {{"images", {input, input}}, {"similarityStrength", 0.2}}},
                         {"imageGenerationConfig", {{"width", 512}, {"height", 512}}}},
                        "512x512"});
        rows.push_back({"COLOR_GUIDED_GENERATION",
                        model,
                        {{"taskType", "COLOR_GUIDED_GENERATION"},
                         {"colorGuidedGenerationParams",
                          {{"text", "a"}, {"colors", {"#FF9800", "#00ff00"}}, {"referenceImage", input}}}},
                        "1024x1024"});
        rows.push_back({"BACKGROUND_REMOVAL",
                        model,
                        {{"taskType", "BACKGROUND_REMOVAL"}, {"backgroundRemovalParams", {{"image", input}}}},
                        "640x480"});
    }
    rows.push_back({"INPAINTING in a size of its own",
                    titan_image_v2,
                    {{"taskType", "INPAINTING"},
                     {"inPaintingParams", edit_params},
                     {"imageGenerationConfig", {{"width", 768}, {"height", 1152}}}},
                    "768x1152"});
    rows.push_back({"OUTPAINTING in a size of its own",
                    titan_image_v2,
                    {{"taskType", "OUTPAINTING"},
                     {"outPaintingParams", edit_params},
                     {"imageGenerationConfig", {{"width", 704}, {"height", 384}}}},
                    "704x384"});
    rows.push_back({"VIRTUAL_TRY_ON",
                    canvas,
                    {{"taskType", "VIRTUAL_TRY_ON"}, {"virtualTryOnParams", try_on}},
                    "640x480"});
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name << " of " << row.model) {
            RuntimeWorld world;
            const Json answer = answer_of(world, row.model, row.body);
            CHECK(answer.at("error").is_null());
            CHECK(answer.size() == 2);
            REQUIRE(answer.at("images").size() == row.count);
            std::set<std::string> different;
            for (const Json& image : answer.at("images")) {
                CHECK(size_of(image) == row.size);
                CHECK(decoded(image).has_transparency == (row.name == "BACKGROUND_REMOVAL"));
                different.insert(image.get<std::string>());
            }
            CHECK(different.size() == row.count);
        }
    }
}

TEST_CASE("Stability's models answer with a PNG of the ratio or of what came in", "[runtime][images]") {
    struct Row {
        std::string model;
        Json body;
        std::string size;
    };
    const std::string input = picture({640, 480});
    const Json prompted = {{"prompt", "a red fox"}, {"image", input}};
    const auto with = [](Json body, const Json& more) {
        body.update(more);
        return body;
    };
    const auto row = GENERATE_COPY(values<Row>(
        {{"sd3-5-large-v1:0", {{"prompt", "a"}}, "1024x1024"},
         {"sd3-5-large-v1:0",
          {{"prompt", "a"}, {"aspect_ratio", "21:9"}, {"output_format", "png"}},
          "1536x640"},
         {"sd3-5-large-v1:0", with(prompted, {{"mode", "image-to-image"}, {"strength", 0.7}}), "640x480"},
         {"sd3-5-large-v1:0", with(prompted, {{"strength", 0.7}}), "640x480"},
         {"stable-image-core-v1:1",
          {{"prompt", "a"}, {"aspect_ratio", "2:3"}, {"seed", 4294967295}},
          "832x1216"},
         {"stable-image-ultra-v1:1",
          {{"prompt", "a"}, {"aspect_ratio", "9:16"}, {"mode", "text-to-image"}},
          "768x1344"},
         {"stable-image-ultra-v1:1", prompted, "640x480"},
         {"stable-image-inpaint-v1:0", with(prompted, {{"mask", input}, {"grow_mask", 20}}), "640x480"},
         {"stable-image-erase-object-v1:0", {{"image", input}, {"mask", input}}, "640x480"},
         {"stable-image-search-replace-v1:0", with(prompted, {{"search_prompt", "cat"}}), "640x480"},
         {"stable-image-search-recolor-v1:0",
          with(prompted, {{"select_prompt", "cat"}, {"style_preset", "anime"}}), "640x480"},
         {"stable-image-remove-background-v1:0", {{"image", input}}, "640x480"},
         {"stable-image-control-sketch-v1:0", with(prompted, {{"control_strength", 0.5}}), "640x480"},
         {"stable-image-control-structure-v1:0", prompted, "640x480"},
         {"stable-image-style-guide-v1:0", with(prompted, {{"fidelity", 1}, {"aspect_ratio", "5:4"}}),
          "1088x896"},
         {"stable-image-style-guide-v1:0", prompted, "1024x1024"},
         {"stable-style-transfer-v1:0",
          {{"init_image", input}, {"style_image", picture({512, 512})}, {"change_strength", 0.1}},
          "640x480"},
         {"stable-outpaint-v1:0",
          {{"image", input}, {"left", 512}, {"up", 20}, {"creativity", 1}},
          "1152x500"},
         {"stable-fast-upscale-v1:0", {{"image", input}}, "2560x1920"},
         {"stable-creative-upscale-v1:0", with(prompted, {{"creativity", 0.3}}), "4096x3072"},
         {"stable-conservative-upscale-v1:0", prompted, "4096x3072"}}));
    CAPTURE(row.model, row.size);
    RuntimeWorld world;
    const Json answer = answer_of(world, "stability." + row.model, row.body);
    REQUIRE(answer.at("images").size() == 1);
    CHECK(answer.size() == 3);
    CHECK(size_of(answer.at("images")[0]) == row.size);
    CHECK(decoded(answer.at("images")[0]).has_transparency ==
          (row.model == "stable-image-remove-background-v1:0"));
    CHECK(answer.at("finish_reasons") == Json::array({nullptr}));
    const auto seed = answer.at("seeds").at(0).get<std::int64_t>();
    CHECK(seed > 0);
    CHECK(seed == value_or<std::int64_t>(row.body, "seed", seed));
}

TEST_CASE("an image depends on prompt, seed and place alone", "[runtime][images]") {
    RuntimeWorld world;
    const auto images = [&](const Json& body) { return answer_of(world, titan_image_v2, body).at("images"); };
    const Json two = text_to_image({{"numberOfImages", 2}, {"seed", 5}});
    const Json first = images(two);
    CHECK(first == images(two));
    CHECK(first[0] == images(text_to_image({{"seed", 5}, {"cfgScale", 1.1}, {"quality", "premium"}}))[0]);
    CHECK(first[0] != images(text_to_image({{"seed", 6}}))[0]);
    Json other = two;
    other["textToImageParams"]["text"] = "a blue fox";
    CHECK(first[0] != images(other)[0]);
    // The default seeds are those of the models' pages.
    CHECK(images(text_to_image())[0] == images(text_to_image({{"seed", 42}}))[0]);
    CHECK(answer_of(world, canvas, text_to_image()).at("images") ==
          answer_of(world, canvas, text_to_image({{"seed", 12}})).at("images"));
    const std::string core = "stability.stable-image-core-v1:1";
    const Json unseeded = answer_of(world, core, {{"prompt", "a red fox"}});
    CHECK(unseeded == answer_of(world, core, {{"prompt", "a red fox"}, {"seed", 0}}));
    CHECK(unseeded == answer_of(world, core, {{"prompt", "a red fox"}, {"seed", unseeded.at("seeds")[0]}}));
    CHECK(unseeded.at("images") != answer_of(world, core, {{"prompt", "a blue fox"}}).at("images"));
}

TEST_CASE("image models count images, not tokens", "[runtime][images][metrics]") {
    RuntimeWorld world;
    const ReplyPlan plan =
        world.play_native("InvokeModel", canvas, text_to_image({{"numberOfImages", 3}}).dump());
    CHECK(plan.headers.get("X-Amzn-Bedrock-Invocation-Latency") == "1");
    CHECK(plan.headers.get("X-Amzn-Bedrock-Input-Token-Count") == "0");
    for (const char* name :
         {"Output-Token-Count", "Cache-Read-Input-Token-Count", "Cache-Write-Input-Token-Count"})
        CHECK(plan.headers.find(fmt::format("X-Amzn-Bedrock-{}", name)) == nullptr);
    for (const std::string& model : {canvas, std::string()}) {
        CHECK(world.metrics.values("OutputImageCount", model) == std::vector<double>{3});
        CHECK(world.metrics.values("Invocations", model) == std::vector<double>{1});
        CHECK(world.metrics.values("InputTokenCount", model) == std::vector<double>{0});
        CHECK(world.metrics.values("OutputTokenCount", model).empty());
    }
    world.play("Converse", converse_input(haiku, "hi"));
    CHECK(world.metrics.values("OutputImageCount", haiku).empty());
}

TEST_CASE("an image model takes nothing of a quota of tokens", "[runtime][images][quota]") {
    RuntimeWorld world;
    world.quotas.put(parse_json(R"({"quotas":[{"tokensPerMinute":1}]})").value());
    CHECK_FALSE(world.play_native("InvokeModel", canvas, text_to_image().dump()).error);
    CHECK_FALSE(world.play_native("InvokeModel", canvas, text_to_image().dump()).error);
}

TEST_CASE("an image's record has its size and the prompt, not its bytes", "[runtime][images][record]") {
    RuntimeWorld world;
    const Json body = text_to_image({{"width", 512}, {"height", 768}, {"numberOfImages", 2}});
    world.play_native("InvokeModel", canvas, body.dump());
    const Json record = world.last_record();
    CHECK(record.at("input") ==
          Json{{"inputContentType", "application/json"}, {"inputBodyJson", body}, {"inputTokenCount", 0}});
    CHECK(record.at("output") == Json{{"outputContentType", "application/json"},
                                      {"outputImageWidth", 512},
                                      {"outputImageHeight", 768}});
}

TEST_CASE("an edit's record has the image that came in, where images are logged",
          "[runtime][images][record]") {
    const bool logged = GENERATE(true, false);
    RuntimeWorld world;
    world.logging.config->image = logged;
    const Json body = {{"taskType", "INPAINTING"},
                       {"inPaintingParams", {{"image", picture({640, 480})}, {"maskPrompt", "head"}}}};
    world.play_native("InvokeModel", canvas, body.dump());
    const Json record = world.last_record();
    CHECK(value_or<Json>(record.at("input"), "inputBodyJson", nullptr) == (logged ? body : Json()));
    CHECK(record.at("output") == Json{{"outputContentType", "application/json"},
                                      {"outputImageWidth", 640},
                                      {"outputImageHeight", 480}});
}

TEST_CASE("an image model's bodies need the image and the text switch", "[runtime][images][record]") {
    struct Row {
        bool text;
        bool image;
        bool logged;
    };
    const auto row = GENERATE(values<Row>({{true, true, true}, {false, true, false}, {true, false, false}}));
    RuntimeWorld world;
    world.logging.config->text = row.text;
    world.logging.config->image = row.image;
    world.play_native("InvokeModel", canvas, text_to_image().dump());
    const Json record = world.last_record();
    CHECK(record.at("input").contains("inputBodyJson") == row.logged);
    CHECK(record.at("output").at("outputImageWidth") == 1024);
}

TEST_CASE("a model that nobody knows makes images when its id says so", "[runtime][images]") {
    RuntimeWorld world({.unknown_models = UnknownModels::accept});
    const std::string model = "amazon.titan-image-generator-v3:0";
    CHECK_FALSE(world.play_native("InvokeModel", model, text_to_image().dump()).error);
    CHECK(world.metrics.values("OutputImageCount", model) == std::vector<double>{1});
    CHECK(world.play("Converse", converse_input(model, "hi")).error);
    const std::string embed = "cohere.embed-v9:0";
    CHECK_FALSE(
        world.play_native("InvokeModel", embed, R"({"texts":["a"],"input_type":"search_query"})").error);
    CHECK(world.metrics.values("OutputTokenCount", embed).empty());
}

}  // namespace rockwatch::bedrock_runtime
