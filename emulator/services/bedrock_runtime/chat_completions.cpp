#include "services/bedrock_runtime/chat_completions.hpp"

#include <fmt/format.h>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/converse_rules.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/model_traits.hpp"
#include "services/bedrock_runtime/request.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

bool speaks_chat(const CatalogueModel& model) {
    if (!is_text_model(model)) return false;
    const Family* native = find_family(model.model_id, Json());
    if (native == nullptr) return !model.known;
    if (native == &openai_chat()) return true;
    return is_claude(model.model_id) && !model.invoked_through.empty();
}

}  // namespace

void open_chat(Call& call) {
    auto body = parse_json(call.raw_body());
    if (!body || !body->is_object()) throw validation_error("The request body is not a JSON object.");
    call.body = std::move(*body);
    call.model_id = rules::text_member(call.body, "model");
    if (call.model_id.empty()) throw validation_error("The request names no model.");
    const Json* stream = rules::member(call.body, "stream");
    if (stream != nullptr && !stream->is_boolean() && !stream->is_null())
        throw validation_error("stream must be true or false.");
    call.streamed = stream != nullptr && stream->is_boolean() && stream->get<bool>();
    call.operation = call.streamed ? "InvokeModelWithResponseStream" : "InvokeModel";
}

const Family& read_chat(Call& call) {
    if (!speaks_chat(*call.model)) {
        throw validation_error(
            fmt::format("The model '{}' does not support the '/v1/chat/completions' API", call.model_id));
    }
    take_terms(call, openai_chat());
    return openai_chat();
}

Json list_chat_models(const ModelCatalogue& catalogue, const Owner& owner) {
    Json list = Json::array();
    for (const std::string& id : catalogue.callable(owner)) {
        const auto model = catalogue.find(owner, id);
        if (!model || model->end_of_life || !speaks_chat(*model)) continue;
        list.push_back({{"id", id},
                        {"object", "model"},
                        {"created", 0},
                        {"owned_by", model->model_id.substr(0, model->model_id.find('.'))}});
    }
    return {{"object", "list"}, {"data", std::move(list)}};
}

}  // namespace rockwatch::bedrock_runtime
