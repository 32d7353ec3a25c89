#include <cmath>

#include "core/text.hpp"
#include "runtime_world.hpp"
#include "services/bedrock_runtime/png.hpp"
#include "support/catch.hpp"

/// Embedding models but Titan's text ones, which native_test.cpp has.
namespace rockwatch::bedrock_runtime {

namespace {

const std::string titan_multimodal = "amazon.titan-embed-image-v1";
const std::string nova_embed = "amazon.nova-2-multimodal-embeddings-v1:0";
const std::string cohere_v3 = "cohere.embed-english-v3";
const std::string cohere_v4 = "cohere.embed-v4:0";
const std::string marengo_3 = "twelvelabs.marengo-embed-3-0-v1:0";
const std::string marengo_2_7 = "twelvelabs.marengo-embed-2-7-v1:0";

std::string picture(std::uint64_t seed = 1) {
    return base64_encode(drawn_png({.size = {64, 48}, .seed = seed}));
}

std::string data_uri(std::uint64_t seed = 1) { return "data:image/png;base64," + picture(seed); }

/// JSON with PICTURE and URI filled in.
Json with_pictures(std::string text) {
    for (const auto& [mark, value] :
         {std::pair{std::string("PICTURE"), picture()}, {"URI2", data_uri(2)}, {"URI", data_uri()}}) {
        for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark))
            text.replace(at, mark.size(), value);
    }
    return parse_json(text).value();
}

Json answer_of(RuntimeWorld& world, const std::string& model, const Json& body) {
    const ReplyPlan plan = world.play_native("InvokeModel", model, body.dump());
    if (plan.error) FAIL(plan.error->message);
    return parse_json(plan.body).value();
}

std::vector<double> vector_at(const Json& answer, const std::string& pointer) {
    return answer.at(Json::json_pointer(pointer)).get<std::vector<double>>();
}

double length(const std::vector<double>& vector) {
    double squares = 0;
    for (const double component : vector) squares += component * component;
    return std::sqrt(squares);
}

Json nova_body(const std::string& params) {
    Json body = {{"taskType", "SINGLE_EMBEDDING"}};
    body["singleEmbeddingParams"] = with_pictures(params);
    body["singleEmbeddingParams"]["embeddingPurpose"] = "GENERIC_INDEX";
    return body;
}

struct Row {
    std::string model;
    Json body;
    std::string pointer;  ///< of the vector in the answer
    std::size_t dimensions;
};

std::vector<Row> titan_and_nova_rows() {
    const std::string in_s3 = R"({"s3Location":{"uri":"s3://b/k","bucketOwner":"123456789012"}})";
    return {
        {titan_multimodal, with_pictures(R"({"inputText":"hi"})"), "/embedding", 1024},
        {titan_multimodal, with_pictures(R"({"inputImage":"PICTURE"})"), "/embedding", 1024},
        {titan_multimodal,
         with_pictures(
             R"({"inputText":"hi","inputImage":"PICTURE","embeddingConfig":{"outputEmbeddingLength":384}})"),
         "/embedding", 384},
        {nova_embed, nova_body(R"({"text":{"value":"hi","truncationMode":"END"}})"),
         "/embeddings/0/embedding", 3072},
        {nova_embed,
         nova_body(R"({"embeddingDimension":256,"text":{"truncationMode":"NONE","source":)" + in_s3 + "}}"),
         "/embeddings/0/embedding", 256},
        {nova_embed,
         nova_body(
             R"({"image":{"format":"png","detailLevel":"DOCUMENT_IMAGE","source":{"bytes":"PICTURE"}}})"),
         "/embeddings/0/embedding", 3072},
        {nova_embed, nova_body(R"({"audio":{"format":"wav","source":{"bytes":"AAAA"}}})"),
         "/embeddings/0/embedding", 3072},
        {nova_embed,
         nova_body(R"({"video":{"format":"mp4","embeddingMode":"AUDIO_VIDEO_SEPARATE","source":)" + in_s3 +
                   "}}"),
         "/embeddings/1/embedding", 3072}};
}

std::vector<Row> cohere_and_marengo_rows() {
    return {
        {cohere_v3, with_pictures(R"({"texts":["a","hi"],"input_type":"search_document"})"), "/embeddings/1",
         1024},
        {"cohere.embed-multilingual-v3",
         with_pictures(
             R"({"images":["URI"],"input_type":"image","truncate":"NONE","embedding_types":["float"]})"),
         "/embeddings/float/0", 1024},
        {cohere_v4,
         with_pictures(R"({"texts":["hi"],"input_type":"search_query","embedding_types":["float"]})"),
         "/embeddings/float/0", 1536},
        {cohere_v4,
         with_pictures(
             R"({"images":["URI","URI2"],"input_type":"clustering","output_dimension":256,"max_tokens":128000,"truncate":"RIGHT"})"),
         "/embeddings/float/1", 256},
        {cohere_v4,
         with_pictures(
             R"({"inputs":[{"content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"URI"}}]}],"input_type":"classification"})"),
         "/embeddings/float/0", 1536},
        {cohere_v4,
         with_pictures(
             R"({"inputs":[{"content":[{"type":"image_url","image_url":"URI"}]}],"input_type":"classification"})"),
         "/embeddings/float/0", 1536},
        {marengo_3, with_pictures(R"({"inputType":"text","text":{"inputText":"hi"}})"), "/data/0/embedding",
         512},
        {marengo_3,
         with_pictures(
             R"({"inputType":"image","image":{"mediaSource":{"s3Location":{"uri":"s3://b/k"}}},"inferenceId":"i"})"),
         "/data/0/embedding", 512},
        {marengo_3,
         with_pictures(
             R"({"inputType":"text_image","text_image":{"inputText":"hi","mediaSource":{"base64String":"PICTURE"}}})"),
         "/data/0/embedding", 512},
        {marengo_3,
         with_pictures(
             R"({"inputType":"multi_input","multi_input":{"inputText":"<@a>","mediaSources":[{"name":"a","mediaType":"image","base64String":"PICTURE"}]}})"),
         "/data/0/embedding", 512},
        {marengo_2_7, with_pictures(R"({"inputType":"text","inputText":"hi","textTruncate":"end"})"),
         "/data/0/embedding", 1024},
        {marengo_2_7, with_pictures(R"({"inputType":"image","mediaSource":{"base64String":"PICTURE"}})"),
         "/data/0/embedding", 1024}};
}

std::vector<Row> all_rows() {
    std::vector<Row> rows = titan_and_nova_rows();
    for (Row& row : cohere_and_marengo_rows()) rows.push_back(std::move(row));
    return rows;
}

}  // namespace

TEST_CASE("each embedding model answers a unit vector of its size, the same for the same input",
          "[runtime][embeddings]") {
    for (const Row& row : all_rows()) {
        CAPTURE(row.model, row.pointer, row.dimensions);
        RuntimeWorld world;
        const Json answer = answer_of(world, row.model, row.body);
        const auto vector = vector_at(answer, row.pointer);
        CHECK(vector.size() == row.dimensions);
        CHECK(length(vector) == Approx(1).epsilon(1e-6));
        CHECK(vector_at(answer_of(world, row.model, row.body), row.pointer) == vector);
        CHECK(world.metrics.values("InputTokenCount", row.model).size() == 2);
        CHECK(world.metrics.values("OutputTokenCount").empty());
        CHECK_FALSE(world.last_record().at("output").contains("outputTokenCount"));
        const ReplyPlan stream =
            world.play_native("InvokeModelWithResponseStream", row.model, row.body.dump());
        REQUIRE(stream.error);
        CHECK(stream.error->message == "The model is unsupported for streaming.");
    }
}

TEST_CASE("a rule gives each embedding its size and seed", "[runtime][embeddings][rules]") {
    for (const Row& row : all_rows()) {
        CAPTURE(row.model, row.pointer);
        RuntimeWorld world;
        world.book.add({{"id", "e"}, {"respond", {{"embedding", {{"dimensions", 8}, {"seed", 1}}}}}});
        const auto one = vector_at(answer_of(world, row.model, row.body), row.pointer);
        CHECK(one.size() == 8);
        CHECK(length(one) == Approx(1).epsilon(1e-6));
        world.book.put(
            "e", {{"respond",
                   {{"embedding", {{"dimensions", 8}, {"seed", 2}}}, {"usage", {{"inputTokens", 77}}}}}});
        CHECK(vector_at(answer_of(world, row.model, row.body), row.pointer) != one);
        CHECK(world.metrics.values("InputTokenCount", row.model).back() == 77);
    }
}

TEST_CASE("a rule's body of an embedding model is sent verbatim and counts no output tokens",
          "[runtime][embeddings][rules]") {
    for (const Row& row : all_rows()) {
        CAPTURE(row.model);
        RuntimeWorld world;
        world.book.add({{"respond", {{"body", {{"mine", true}}}}}});
        CHECK(answer_of(world, row.model, row.body) == Json{{"mine", true}});
        CHECK(world.metrics.values("Invocations", row.model).size() == 1);
        CHECK(world.metrics.values("OutputTokenCount").empty());
    }
}

TEST_CASE("what a rule says to chat models is nothing to an embedding model",
          "[runtime][embeddings][rules]") {
    const Json respond = GENERATE(values<Json>({{{"text", "hi"}},
                                                {{"content", {{{"text", "hi"}}}}},
                                                {{"toolUse", {{{"name", "f"}, {"input", Json::object()}}}}},
                                                {{"text", "hi"}, {"reasoning", "hm"}},
                                                {{"text", "hi"}, {"stopReason", "max_tokens"}}}));
    for (const Row& row : all_rows()) {
        CAPTURE(row.model, row.pointer, respond.dump());
        RuntimeWorld world;
        const Json plain = answer_of(world, row.model, row.body);
        world.book.add({{"respond", respond}});
        CHECK(answer_of(world, row.model, row.body) == plain);
        CHECK(world.metrics.values("OutputTokenCount").empty());
    }
}

TEST_CASE("what a rule says to embedding models is nothing to a chat model", "[runtime][embeddings][rules]") {
    RuntimeWorld world;
    const std::string body = R"({"inputText":"hi"})";
    const std::string native = world.play_native("InvokeModel", titan, body).body;
    const std::string text = converse_text(world.play("Converse", converse_input(haiku, "hi")));
    world.book.add({{"id", "r"}, {"respond", {{"embedding", {{"dimensions", 8}}}}}});
    CHECK(world.play_native("InvokeModel", titan, body).body == native);
    CHECK(converse_text(world.play("Converse", converse_input(haiku, "hi"))) == text);
    // Both in one rule: each model takes what is its own.
    world.book.put("r", {{"respond", {{"text", "hello"}, {"embedding", {{"dimensions", 8}}}}}});
    CHECK(converse_text(world.play("Converse", converse_input(haiku, "hi"))) == "hello");
    CHECK(vector_at(answer_of(world, titan_multimodal, {{"inputText", "hi"}}), "/embedding").size() == 8);
}

TEST_CASE("another text, another image and both together have other vectors", "[runtime][embeddings]") {
    RuntimeWorld world;
    const auto embedding = [&](const Json& body) {
        return vector_at(answer_of(world, titan_multimodal, body), "/embedding");
    };
    const auto text = embedding({{"inputText", "hi"}});
    const auto image = embedding({{"inputImage", picture(1)}});
    const auto both = embedding({{"inputText", "hi"}, {"inputImage", picture(1)}});
    CHECK(text != embedding({{"inputText", "ho"}}));
    CHECK(image != embedding({{"inputImage", picture(2)}}));
    CHECK(both != text);
    CHECK(both != image);
    CHECK(both != embedding({{"inputText", "hi"}, {"inputImage", picture(2)}}));
}

TEST_CASE("a query finds the document of the same words", "[runtime][embeddings]") {
    RuntimeWorld world;
    const auto embeddings = [&](const std::string& type, const Json& texts) {
        return answer_of(world, cohere_v4, {{"texts", texts}, {"input_type", type}})
            .at("embeddings")
            .at("float");
    };
    const Json documents = embeddings("search_document", {"one", "two", "three"});
    CHECK(embeddings("search_query", Json::array({"two"}))[0] == documents[1]);
    CHECK(documents[0] != documents[1]);
}

TEST_CASE("Titan's multimodal model counts the text's tokens in its body", "[runtime][embeddings]") {
    RuntimeWorld world;
    const auto plan = [&](const Json& body) {
        return world.play_native("InvokeModel", titan_multimodal, body.dump());
    };
    const ReplyPlan text = plan({{"inputText", "eight is"}});
    CHECK(parse_json(text.body).value().at("inputTextTokenCount") == 2);
    CHECK(parse_json(text.body).value().at("message").is_null());
    CHECK(text.headers.get("X-Amzn-Bedrock-Input-Token-Count") == "2");
    const ReplyPlan both = plan({{"inputText", "eight is"}, {"inputImage", picture()}});
    CHECK(parse_json(both.body).value().at("inputTextTokenCount") == 2);
    CHECK(both.headers.get("X-Amzn-Bedrock-Input-Token-Count") == "752");
    CHECK(parse_json(plan({{"inputImage", picture()}}).body).value().at("inputTextTokenCount") == 0);
}

TEST_CASE("Nova's embeddings tell their kind", "[runtime][embeddings]") {
    struct Kind {
        std::string params;
        std::vector<std::string> types;
    };
    const auto row = GENERATE(values<Kind>(
        {{R"({"text":{"value":"hi","truncationMode":"END"}})", {"TEXT"}},
         {R"({"image":{"format":"png","source":{"bytes":"PICTURE"}}})", {"IMAGE"}},
         {R"({"audio":{"format":"mp3","source":{"bytes":"AAAA"}}})", {"AUDIO"}},
         {R"({"video":{"format":"mov","embeddingMode":"AUDIO_VIDEO_COMBINED","source":{"bytes":"AAAA"}}})",
          {"AUDIO_VIDEO_COMBINED"}},
         {R"({"video":{"format":"mov","embeddingMode":"AUDIO_VIDEO_SEPARATE","source":{"bytes":"AAAA"}}})",
          {"VIDEO", "AUDIO"}}}));
    RuntimeWorld world;
    const Json answer = answer_of(world, nova_embed, nova_body(row.params));
    std::vector<std::string> types;
    for (const Json& each : answer.at("embeddings")) types.push_back(each.at("embeddingType"));
    CHECK(types == row.types);
    if (types.size() == 2)
        CHECK(answer.at("embeddings")[0].at("embedding") != answer.at("embeddings")[1].at("embedding"));
    const ReplyPlan plan = world.play_native("InvokeModel", nova_embed, nova_body(row.params).dump());
    CHECK(plan.headers.find("X-Amzn-Bedrock-Cache-Read-Input-Token-Count") == nullptr);
}

TEST_CASE("Cohere repeats what it was given, v3 in lower case", "[runtime][embeddings]") {
    RuntimeWorld world;
    const Json v3 = answer_of(
        world, cohere_v3, parse_json(R"({"texts":["Hello World","Ä"],"input_type":"search_query"})").value());
    CHECK(v3.at("texts") == parse_json(R"(["hello world","Ä"])"));
    CHECK(v3.at("response_type") == "embeddings_floats");
    CHECK(v3.at("id") == world.caller.request_id);
    CHECK(v3.size() == 4);
    const Json image =
        answer_of(world, cohere_v3, with_pictures(R"({"images":["URI"],"input_type":"image"})"));
    CHECK(image.at("texts") == Json::array());
    CHECK(image.at("images") == parse_json(R"([{"width":64,"height":48,"format":"png","bit_depth":2}])"));
    const Json v4 = answer_of(world, cohere_v4,
                              parse_json(R"({"texts":["Hello World"],"input_type":"search_query"})").value());
    CHECK(v4.at("texts") == parse_json(R"(["Hello World"])"));
    CHECK(v4.at("response_type") == "embeddings_by_type");
    CHECK(v4.at("embeddings").size() == 1);
    CHECK(v4.size() == 4);
    const Json mixed =
        parse_json(R"({"inputs":[{"content":[{"type":"text","text":"a"}]}],"input_type":"search_query"})")
            .value();
    CHECK(answer_of(world, cohere_v4, mixed).at("inputs") == mixed.at("inputs"));
}

TEST_CASE("Cohere takes an image's address bare or in an object", "[runtime][embeddings]") {
    RuntimeWorld world;
    const auto embeddings = [&](const std::string& image) {
        const std::string body = R"({"inputs":[{"content":[{"type":"image_url","image_url":)" + image +
                                 R"(}]}],"input_type":"image"})";
        return answer_of(world, cohere_v4, with_pictures(body)).at("embeddings");
    };
    CHECK(embeddings(R"("URI")") == embeddings(R"({"url":"URI"})"));
    CHECK(embeddings(R"("URI")") != embeddings(R"("URI2")"));
}

TEST_CASE("Cohere's types are the same vector at other scales", "[runtime][embeddings]") {
    RuntimeWorld world;
    const Json answer = answer_of(
        world, cohere_v4,
        parse_json(
            R"({"texts":["a","b"],"input_type":"search_query","output_dimension":256,"embedding_types":["float","int8","uint8","binary","ubinary"]})")
            .value());
    CHECK(answer.at("response_type") == "embeddings_by_type");
    const Json& all = answer.at("embeddings");
    CHECK(all.size() == 5);
    for (const std::size_t index : {0, 1}) {
        const auto floats = all.at("float")[index].get<std::vector<double>>();
        const auto int8 = all.at("int8")[index].get<std::vector<int>>();
        const auto uint8 = all.at("uint8")[index].get<std::vector<int>>();
        const auto binary = all.at("binary")[index].get<std::vector<int>>();
        const auto ubinary = all.at("ubinary")[index].get<std::vector<int>>();
        REQUIRE(int8.size() == 256);
        REQUIRE(ubinary.size() == 32);
        for (std::size_t at = 0; at < floats.size(); ++at) {
            CHECK(std::abs(int8[at] - floats[at] * 127) <= 0.5001);
            CHECK(uint8[at] == int8[at] + 128);
            CHECK((ubinary[at / 8] >> (7 - at % 8) & 1) == (floats[at] > 0 ? 1 : 0));
            CHECK(binary[at / 8] == ubinary[at / 8] - 128);
        }
    }
}

}  // namespace rockwatch::bedrock_runtime
