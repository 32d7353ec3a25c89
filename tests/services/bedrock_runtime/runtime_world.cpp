#include "runtime_world.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "core/text.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using Texts = std::vector<std::string>;

CatalogueModel model(std::string id, std::string provider, Texts in, Texts out) {
    const bool text = out.front() == "TEXT";
    return {.model_id = std::move(id),
            .provider_name = std::move(provider),
            .input_modalities = std::move(in),
            .output_modalities = std::move(out),
            .streaming = text};
}

const std::map<std::string, CatalogueModel, std::less<>>& models() {
    static const auto all = [] {
        std::map<std::string, CatalogueModel, std::less<>> map;
        const auto add = [&](CatalogueModel entry) { map[entry.model_id] = std::move(entry); };
        add(model(titan, "Amazon", {"TEXT"}, {"TEXT"}));
        map[titan].legacy = map[titan].end_of_life = true;
        add(model(nova_lite, "Amazon", {"TEXT", "IMAGE", "VIDEO"}, {"TEXT"}));
        add(model("amazon.nova-micro-v1:0", "Amazon", {"TEXT"}, {"TEXT"}));
        add(model(haiku, "Anthropic", {"TEXT", "IMAGE"}, {"TEXT"}));
        add(model(sonnet, "Anthropic", {"TEXT", "IMAGE"}, {"TEXT"}));
        map[sonnet].on_demand = false;
        add(model("anthropic.claude-v2:1", "Anthropic", {"TEXT"}, {"TEXT"}));
        add(model("meta.llama3-8b-instruct-v1:0", "Meta", {"TEXT"}, {"TEXT"}));
        add(model("mistral.mistral-7b-instruct-v0:2", "Mistral AI", {"TEXT"}, {"TEXT"}));
        add(model("cohere.command-r-v1:0", "Cohere", {"TEXT"}, {"TEXT"}));
        add(model("cohere.rerank-v3-5:0", "Cohere", {"TEXT"}, {"TEXT"}));
        add(model("openai.gpt-oss-20b-1:0", "OpenAI", {"TEXT"}, {"TEXT"}));
        for (const char* id :
             {"cohere.command-text-v14", "cohere.command-light-text-v14", "deepseek.r1-v1:0",
              "ai21.jamba-1-5-mini-v1:0", "mistral.mistral-large-2407-v1:0", "mistral.voxtral-mini-3b-2507"})
            add(model(id, "a provider", {"TEXT"}, {"TEXT"}));
        add(model("mistral.pixtral-large-2502-v1:0", "Mistral AI", {"TEXT", "IMAGE"}, {"TEXT"}));
        add(model("twelvelabs.pegasus-1-2-v1:0", "TwelveLabs", {"TEXT", "VIDEO"}, {"TEXT"}));
        add(model("acme.writer-v1", "ACME", {"TEXT"}, {"TEXT"}));  // of no format that we know
        add(model("qwen.qwen3-32b-v1:0", "Qwen", {"TEXT"}, {"TEXT"}));
        add(model("amazon.titan-embed-text-v1", "Amazon", {"TEXT"}, {"EMBEDDING"}));
        add(model("amazon.titan-embed-text-v2:0", "Amazon", {"TEXT"}, {"EMBEDDING"}));
        map["cohere.rerank-v3-5:0"].streaming = false;
        add(model("amazon.rerank-v1:0", "Amazon", {"TEXT"}, {"TEXT"}));
        map["amazon.rerank-v1:0"].streaming = false;
        for (const char* id : {"amazon.titan-embed-image-v1", "amazon.nova-2-multimodal-embeddings-v1:0",
                               "cohere.embed-english-v3", "cohere.embed-multilingual-v3", "cohere.embed-v4:0",
                               "twelvelabs.marengo-embed-2-7-v1:0", "twelvelabs.marengo-embed-3-0-v1:0"})
            add(model(id, "Several", {"TEXT", "IMAGE"}, {"EMBEDDING"}));
        for (const char* id :
             {"amazon.nova-canvas-v1:0", "amazon.titan-image-generator-v1",
              "amazon.titan-image-generator-v2:0", "stability.sd3-5-large-v1:0",
              "stability.stable-image-core-v1:1", "stability.stable-image-ultra-v1:1",
              "stability.stable-image-inpaint-v1:0", "stability.stable-image-erase-object-v1:0",
              "stability.stable-image-search-replace-v1:0", "stability.stable-image-search-recolor-v1:0",
              "stability.stable-image-remove-background-v1:0", "stability.stable-image-control-sketch-v1:0",
              "stability.stable-image-control-structure-v1:0", "stability.stable-image-style-guide-v1:0",
              "stability.stable-style-transfer-v1:0", "stability.stable-outpaint-v1:0",
              "stability.stable-fast-upscale-v1:0", "stability.stable-creative-upscale-v1:0",
              "stability.stable-conservative-upscale-v1:0"})
            add(model(id, "Several", {"TEXT", "IMAGE"}, {"IMAGE"}));
        return map;
    }();
    return all;
}

}  // namespace

std::optional<CatalogueModel> FewModels::find(const Owner&, std::string_view model_id) const {
    std::string_view id = model_id;
    if (id.starts_with("arn:")) id.remove_prefix(id.find('/') + 1);
    const bool profile = id.starts_with("us.");
    if (profile) id.remove_prefix(3);
    if (id == "mi1dadi0g15f") id = haiku;
    const auto found = models().find(id);
    if (found == models().end()) return std::nullopt;
    CatalogueModel entry = found->second;
    if (profile) entry.invoked_through = "us-west-2";
    return entry;
}

std::vector<std::string> FewModels::callable(const Owner&) const {
    std::vector<std::string> ids;
    for (const auto& [id, model] : models()) ids.push_back(id);
    return ids;
}

std::optional<std::string> SetLogging::delivery_refusal(Database&, const Owner& owner,
                                                        const LoggingConfig& asked) const {
    uses.push_back(fmt::format("{}/{}/{}/{}", owner.account, owner.region, asked.log_group, asked.role_arn));
    return refusal;
}

bool RecordedLogs::put(Database&, const Owner& owner, std::string_view group, std::string_view stream,
                       std::span<const LogLine> batch, Instant) {
    ++calls;
    place = fmt::format("{}/{}/{}/{}", owner.account, owner.region, group, stream);
    if (group_exists) lines.insert(lines.end(), batch.begin(), batch.end());
    return group_exists;
}

void RecordedMetrics::put(Database&, const Owner& owner, std::string_view metric_namespace,
                          std::span<const DataPoint> batch) {
    ++calls;
    place = fmt::format("{}/{}/{}", owner.account, owner.region, metric_namespace);
    points.insert(points.end(), batch.begin(), batch.end());
}

std::vector<double> RecordedMetrics::values(std::string_view metric, std::string_view model_id) const {
    std::vector<double> values;
    for (const DataPoint& point : points) {
        const bool meant =
            model_id.empty() ? point.dimensions.empty()
                             : point.dimensions == std::vector<Dimension>{{"ModelId", std::string(model_id)}};
        if (meant && point.metric_name == metric) values.push_back(point.value);
    }
    return values;
}

RuntimeWorld::RuntimeWorld(RuntimeOptions options)
    : storage(std::make_unique<Storage>(StorageOptions{.path = ":memory:", .writer_thread = false},
                                        std::vector<Migrations>{rules::migrations()})),
      book(*storage, random),
      quotas(*storage, clock),
      runtime(*storage, clock, random, book, quotas, catalogue, logging, logs, metrics, options) {
    clock.set(ClockMode::frozen, *parse_iso("2026-01-01T00:00:00Z"));
    caller.account = "123456789012";
    caller.region = "us-east-1";
    caller.access_key = "AKIAEXAMPLE";
    caller.principal_arn = "arn:aws:iam::123456789012:root";
    caller.request_id = "7e000000-0000-4000-8000-000000000001";
    logging.config =
        LoggingConfig{.log_group = "bedrock", .role_arn = "arn:aws:iam::123456789012:role/logging"};
}

ReplyPlan RuntimeWorld::plan(const std::string& operation, Json input) {
    return runtime.invoke(operation, clock.now(), caller, std::move(input));
}

ReplyPlan RuntimeWorld::play(const std::string& operation, Json input) {
    ReplyPlan made = plan(operation, std::move(input));
    ensure(bool(made.on_complete), "every plan has a completion");
    made.on_complete();
    return made;
}

ReplyPlan RuntimeWorld::play_native(const std::string& operation, const std::string& model_id,
                                    const std::string& body) {
    return play(operation, {{"modelId", model_id},
                            {"body", Json::binary(std::vector<std::uint8_t>(body.begin(), body.end()))}});
}

Json RuntimeWorld::last_record() const {
    ensure(!logs.lines.empty(), "a record was written");
    const auto record = parse_json(logs.lines.back().message);
    ensure(record.has_value(), "a record is JSON");
    return *record;
}

Json converse_input(const std::string& model_id, const std::string& prompt) {
    return {{"modelId", model_id},
            {"messages",
             Json::array({Json{{"role", "user"}, {"content", Json::array({Json{{"text", prompt}}})}}})}};
}

std::vector<Json> decoded_chunks(const ReplyPlan& plan) {
    std::vector<Json> chunks;
    for (const PlannedEvent& event : plan.events) {
        std::string bytes;
        ensure(base64_decode(event.payload.at("bytes").get<std::string>(), bytes), "a chunk is base64");
        const auto chunk = parse_json(bytes);
        ensure(chunk.has_value(), "a chunk is JSON");
        chunks.push_back(*chunk);
    }
    return chunks;
}

std::string converse_text(const ReplyPlan& plan) {
    std::string text;
    if (!plan.streamed) {
        const Json answer = parse_json(plan.body).value();
        for (const Json& block : answer.at("output").at("message").at("content"))
            text += text_or_empty(block, "text");
        return text;
    }
    for (const PlannedEvent& event : plan.events) {
        if (event.type == "contentBlockDelta") text += text_or_empty(event.payload.at("delta"), "text");
    }
    return text;
}

}  // namespace rockwatch::bedrock_runtime
