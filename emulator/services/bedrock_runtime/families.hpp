#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"
#include "core/json.hpp"
#include "services/bedrock_runtime/answer.hpp"
#include "services/bedrock_runtime/stream_steps.hpp"

namespace rockwatch::bedrock_runtime {

/// What a native body tells beside the answer.
struct NativeContext {
    std::string_view model_id;    ///< the foundation model's
    std::string_view message_id;  ///< made by the family's new_id; empty through Converse
    bool caches = false;          ///< usage tells cache counts
    std::int64_t created = 0;     ///< epoch seconds
    std::string_view service_tier = "default";
    std::string_view request_id;    ///< x-amzn-RequestId
    const Json* request = nullptr;  ///< the native request; nullptr through Converse
};

/// The native door that a body came in by.
struct NativeDoor {
    std::string_view operation;
    bool streamed = false;
    std::string_view model_id;  ///< as the caller named it
    std::string_view foundation_id;
};

/// A decoded chunk of InvokeModelWithResponseStream. The metrics of the last one are merged in by the caller.
struct NativeChunk {
    Milliseconds due{0};
    std::string json;
};

/// msg_bdrk_01 and 22 letters and digits.
std::string new_message_id(Random& random);

/// One model family's native format: pure translations between its bodies and Converse's terms.
struct Family {
    std::string_view name;

    /// The request in Converse terms: messages, system, toolConfig, inferenceConfig. Media keep their kind
    /// and lose their bytes. Throws ServiceError as the family's front door does.
    Json (*to_converse)(const Json& body) = nullptr;

    /// The whole answer.
    std::string (*body)(const Answer& answer, const NativeContext& context) = nullptr;

    /// The streamed answer; `steps` may stop short of the end when the stream is to break.
    std::vector<NativeChunk> (*chunks)(const Answer& answer, const std::vector<Step>& steps,
                                       const NativeContext& context) = nullptr;

    /// A whole answer read back; nullopt when the body is none of this family.
    std::optional<Answer> (*read_body)(const Json& body) = nullptr;

    enum class Output { blocks, text, embedding, images, ranking };
    Output output = Output::blocks;  ///< text: its format has no place for tool calls and reasoning

    /// An answer's id in the family's form.
    std::string (*new_id)(Random& random) = new_message_id;

    /// Checks what a body repeats of its door; nullptr when the family's bodies do not. Throws ServiceError.
    void (*check_door)(const Json& body, const NativeDoor& door) = nullptr;
};

/// The family whose format the model speaks; nullptr when the emulator does not know it. `body`: Claude 2
/// speaks two, told apart by their keys.
const Family* find_family(std::string_view model_id, const Json& body);

const Family& titan_text();
const Family& claude_messages();
const Family& claude_completions();
const Family& nova();
const Family& llama();
const Family& mistral_text();
const Family& mistral_chat();
const Family& openai_chat();
const Family& jamba();
const Family& cohere_command();
const Family& cohere_chat();
const Family& deepseek_text();
const Family& pegasus();
const Family& titan_embeddings();
const Family& titan_embeddings_v2();
const Family& titan_multimodal_embeddings();
const Family& nova_embeddings();
const Family& cohere_embed_v3();
const Family& cohere_embed_v4();
const Family& marengo();
const Family& marengo_2();
const Family& titan_image();
const Family& titan_image_v1();
const Family& nova_canvas();
const Family& amazon_rerank();
const Family& cohere_rerank();
/// Stability AI has one format of requests a model; nullptr for a model that is none of its own.
const Family* find_stability(std::string_view model_id);

/// The Converse stop reason of a native word, by a family's pairs; end_turn for words that none of them
/// names.
struct StopWord {
    std::string_view converse;
    std::string_view native;
};

}  // namespace rockwatch::bedrock_runtime
