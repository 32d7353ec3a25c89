#include "services/bedrock_runtime/families.hpp"

#include <array>

#include "rules/conversation.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

struct Speaker {
    std::string_view prefix;  ///< of the foundation model's id
    const Family& (*family)();
};

constexpr std::array<Speaker, 47> speakers = {{{"amazon.titan-embed-text-v2", titan_embeddings_v2},
                                               {"amazon.titan-embed-image", titan_multimodal_embeddings},
                                               {"amazon.nova-2-multimodal-embeddings", nova_embeddings},
                                               {"cohere.embed-v4", cohere_embed_v4},
                                               {"cohere.embed-", cohere_embed_v3},
                                               {"twelvelabs.marengo-embed-2", marengo_2},
                                               {"twelvelabs.marengo-embed", marengo},
                                               {"amazon.titan-image-generator-v1", titan_image_v1},
                                               {"amazon.titan-image-generator", titan_image},
                                               {"amazon.nova-canvas", nova_canvas},
                                               {"amazon.rerank", amazon_rerank},
                                               {"cohere.rerank", cohere_rerank},
                                               {"amazon.titan-embed-text-v1", titan_embeddings},
                                               {"amazon.titan-embed-g1-text", titan_embeddings},
                                               {"amazon.titan-text", titan_text},
                                               {"amazon.titan-tg1", titan_text},
                                               {"amazon.nova-micro", nova},
                                               {"amazon.nova-lite", nova},
                                               {"amazon.nova-pro", nova},
                                               {"amazon.nova-premier", nova},
                                               {"amazon.nova-2-lite", nova},
                                               {"anthropic.claude-v2", claude_completions},
                                               {"anthropic.claude-instant", claude_completions},
                                               {"anthropic.claude", claude_messages},
                                               {"meta.llama", llama},
                                               {"ai21.jamba", jamba},
                                               {"cohere.command-r", cohere_chat},
                                               {"cohere.command", cohere_command},
                                               {"deepseek.r1", deepseek_text},
                                               {"mistral.mistral-large-2407", mistral_chat},
                                               {"mistral.pixtral", mistral_chat},
                                               {"twelvelabs.pegasus", pegasus},
                                               {"openai.gpt-oss", openai_chat},
                                               {"qwen.", openai_chat},
                                               {"deepseek.v3", openai_chat},
                                               {"minimax.", openai_chat},
                                               {"moonshot.", openai_chat},
                                               {"moonshotai.", openai_chat},
                                               {"zai.", openai_chat},
                                               {"google.gemma", openai_chat},
                                               {"nvidia.nemotron", openai_chat},
                                               {"writer.palmyra", openai_chat},
                                               {"mistral.mistral-large-3", openai_chat},
                                               {"mistral.ministral", openai_chat},
                                               {"mistral.magistral", openai_chat},
                                               {"mistral.devstral", openai_chat},
                                               {"mistral.voxtral", openai_chat}}};

// Models of the text completion form; later ones speak other forms.
constexpr std::array<std::string_view, 4> mistral_text_models = {
    "mistral.mistral-7b", "mistral.mixtral", "mistral.mistral-large-2402", "mistral.mistral-small-2402"};

}  // namespace

const Family* find_family(std::string_view model_id, const Json& body) {
    for (const std::string_view prefix : mistral_text_models) {
        if (model_id.starts_with(prefix)) return &mistral_text();
    }
    if (const Family* stability = find_stability(model_id)) return stability;
    for (const Speaker& speaker : speakers) {
        if (!model_id.starts_with(speaker.prefix)) continue;
        const Family& family = speaker.family();
        if (&family == &claude_completions() && rules::member(body, "messages") != nullptr)
            return &claude_messages();
        return &family;
    }
    return nullptr;
}

std::string new_message_id(Random& random) {
    constexpr std::size_t letters = 22;
    return "msg_bdrk_01" + random.text(letters, alphanumeric);
}

}  // namespace rockwatch::bedrock_runtime
