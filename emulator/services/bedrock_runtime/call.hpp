#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/caller.hpp"
#include "core/instant.hpp"
#include "core/json.hpp"
#include "rules/quota_book.hpp"
#include "services/bedrock_runtime/answer.hpp"
#include "services/bedrock_runtime/converse_body.hpp"
#include "services/ports.hpp"

namespace rockwatch::bedrock_runtime {

/// Everything known of one invocation, from its arrival to its record.
struct Call {
    std::string operation;  ///< as rules and records name it
    bool native = false;    ///< InvokeModel, its streamed twin, and the OpenAI-compatible door
    bool chat = false;      ///< the OpenAI-compatible door
    bool streamed = false;
    Caller caller;
    Instant arrival;
    std::string model_id;  ///< as the caller named it
    std::optional<CatalogueModel> model;

    Json input;  ///< as the gateway parsed it; Converse's request, or InvokeModel's with the blob `body`
    Json body;   ///< native: the body parsed
    Json native_converse;  ///< native: the request in Converse terms
    Json metadata;         ///< requestMetadata; null: none

    std::string error_code;  ///< empty: it succeeded
    int error_status = 0;
    Answer answer;
    ConverseExtras extras;
    std::string native_output;  ///< native: the answer's body, or the streamed chunks as a JSON list
    Milliseconds latency{0};    ///< as reported
    Milliseconds first_token{0};
    rules::QuotaCharge charge;  ///< what it holds of the quotas until it is over

    const Json& converse() const { return native ? native_converse : input; }
    /// The native body as sent.
    std::string_view raw_body() const;
    /// The foundation model's id; empty when nobody knows the model.
    std::string_view foundation_id() const {
        return model ? std::string_view(model->model_id) : std::string_view{};
    }
    bool succeeded() const { return error_code.empty(); }
};

inline std::string_view Call::raw_body() const {
    const auto found = input.find("body");
    if (found == input.end()) return {};
    if (found->is_string()) return found->get_ref<const std::string&>();
    if (!found->is_binary()) return {};
    const auto& bytes = found->get_binary();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace rockwatch::bedrock_runtime
