#include "services/bedrock/catalogue.hpp"

#include <fstream>
#include <sstream>

#include "bedrock_world.hpp"

namespace rockwatch::bedrock {

namespace {

Json case_file(const std::string& name) {
    std::ifstream file(std::string(ROCKWATCH_SOURCE_DIR "/tests/cases/bedrock/") + name);
    std::stringstream text;
    text << file.rdbuf();
    auto cases = parse_json(text.str());
    REQUIRE(cases.has_value());
    return std::move(*cases);
}

const Catalogue& shipped() {
    static const Catalogue catalogue(built_in_models());
    return catalogue;
}

constexpr const char* a_model =
    R"({"modelId":"a.b","modelName":"B","providerName":"A","modelLifecycle":{"status":"ACTIVE"}})";

std::string catalogue_text(const std::string& models, const std::string& profiles = "") {
    return R"({"models":[)" + models +
           R"(],"geographies":{"us":["us-east-1"]},"profilesCreatedAt":"2026-01-01","inferenceProfiles":[)" +
           profiles + "]}";
}

}  // namespace

TEST_CASE("what can be called from a region is there on demand, or through a profile of its geography",
          "[bedrock][catalogue]") {
    const auto has = [](const std::vector<std::string>& ids, std::string_view id) {
        return std::find(ids.begin(), ids.end(), id) != ids.end();
    };
    for (const char* region : {"us-east-1", "eu-west-1"}) {
        const Owner owner{"123456789012", region};
        const auto ids = shipped().callable(region);
        for (const std::string& id : ids) {
            CAPTURE(id);
            const auto model = shipped().find(owner, id, from_epoch_ms(0));
            REQUIRE(model);
            CHECK((model->on_demand || !model->invoked_through.empty()));
        }
        CHECK(has(ids, "us.amazon.nova-lite-v1:0") == (owner.region == "us-east-1"));
        CHECK(has(ids, "eu.amazon.nova-lite-v1:0") == (owner.region == "eu-west-1"));
        CHECK(has(ids, "openai.gpt-oss-20b-1:0"));
    }
}

TEST_CASE("a model is found by every name that a client may give it", "[bedrock][catalogue]") {
    for (const Json& example : case_file("model_ids.json")) {
        DYNAMIC_SECTION(example.at("name").get<std::string>()) {
            const Owner owner{"123456789012", value_or(example, "region", std::string("us-east-1"))};
            const auto found = shipped().find(owner, example.at("identifier").get<std::string>(),
                                              *parse_iso("2026-11-23T00:00:00Z"));
            REQUIRE(found.has_value() == !example.at("model").is_null());
            if (!found) continue;
            CHECK(found->model_id == example.at("model"));
            CHECK(found->invoked_through == value_or(example, "invokedThrough", std::string()));
            CHECK(found->on_demand == value_or(example, "onDemand", true));
            CHECK(found->legacy == value_or(example, "legacy", false));
            CHECK(found->end_of_life == value_or(example, "endOfLife", false));
        }
    }
}

TEST_CASE("a model reaches its end of life on its day, by the emulator's clock", "[bedrock][catalogue]") {
    const std::string model = "amazon.nova-premier-v1:0";
    const auto gone = [&](const char* day) {
        return shipped().find({"123456789012", "us-east-1"}, model, *parse_iso(day))->end_of_life;
    };
    CHECK_FALSE(gone("2026-09-13T23:59:59Z"));
    CHECK(gone("2026-09-14T00:00:00Z"));
}

TEST_CASE("a model of the catalogue tells what it takes and what it answers", "[bedrock][catalogue]") {
    const auto lite = shipped().find({"123456789012", "us-east-1"}, "amazon.nova-lite-v1:0", Instant{});
    REQUIRE(lite.has_value());
    CHECK(lite->name == "Nova Lite");
    CHECK(lite->provider_name == "Amazon");
    CHECK(lite->input_modalities == std::vector<std::string>{"TEXT", "IMAGE", "VIDEO"});
    CHECK(lite->output_modalities == std::vector<std::string>{"TEXT"});
    CHECK(lite->streaming);
    CHECK_FALSE(
        shipped().find({"123456789012", "us-east-1"}, "amazon.titan-embed-text-v2:0", Instant{})->streaming);
}

TEST_CASE("every model that only a profile can call has a profile", "[bedrock][catalogue]") {
    for (const FoundationModel& model : shipped().models()) {
        CAPTURE(model.model_id);
        const auto& profiles = shipped().profiles();
        const bool has_profile =
            std::any_of(profiles.begin(), profiles.end(),
                        [&](const InferenceProfile& profile) { return profile.model == &model; });
        CHECK(model.has_inference_type("INFERENCE_PROFILE") == has_profile);
        CHECK((model.on_demand_in("us-east-1") || has_profile));
        CHECK(model.legacy == (model.retired || model.end_of_life_time.has_value()));
    }
}

TEST_CASE("every inference profile is named after its geography and its model", "[bedrock][catalogue]") {
    CHECK(shipped().profiles().size() > 100);
    for (const InferenceProfile& profile : shipped().profiles()) {
        CHECK(profile.id == profile.geography + "." + profile.model->model_id);
        CHECK(profile.id.size() <= 64);
        CHECK(profile.name.size() <= 64);
        CHECK(profile.destinations.size() <= 5);
    }
}

TEST_CASE("a catalogue that contradicts itself is refused", "[bedrock][catalogue]") {
    const std::string one = a_model;
    const std::string profile =
        R"({"inferenceProfileId":"us.a.b","inferenceProfileName":"US B","modelId":"a.b","geography":"us"})";
    CHECK_NOTHROW(Catalogue(catalogue_text(one, profile)));
    CHECK_THROWS_AS(Catalogue(catalogue_text(one + "," + one)), BrokenPromise);
    CHECK_THROWS_AS(Catalogue(catalogue_text(one, profile + "," + profile)), BrokenPromise);
    CHECK_THROWS_AS(Catalogue(catalogue_text("", profile)), BrokenPromise);
    CHECK_THROWS_AS(Catalogue("no JSON"), BrokenPromise);
}

}  // namespace rockwatch::bedrock
