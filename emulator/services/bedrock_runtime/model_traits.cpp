#include "services/bedrock_runtime/model_traits.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace rockwatch::bedrock_runtime {

namespace {

bool starts_with_any(std::string_view model_id, std::span<const std::string_view> prefixes) {
    return std::any_of(prefixes.begin(), prefixes.end(),
                       [&](std::string_view prefix) { return model_id.starts_with(prefix); });
}

constexpr std::array<std::string_view, 7> region_prefixes = {"us.", "eu.", "apac.",  "global.",
                                                             "jp.", "au.", "us-gov."};

// Claude before prompt caching; everything younger caches.
constexpr std::array<std::string_view, 6> uncached_claudes = {
    "anthropic.claude-v2",       "anthropic.claude-instant", "anthropic.claude-3-haiku",
    "anthropic.claude-3-sonnet", "anthropic.claude-3-opus",  "anthropic.claude-3-5-sonnet-20240620"};

// Of Nova the models that answer in text do.
constexpr std::array<std::string_view, 3> uncached_novas = {"amazon.nova-canvas", "amazon.nova-reel",
                                                            "amazon.nova-2-multimodal-embeddings"};

constexpr std::array<std::string_view, 10> toolless = {
    "amazon.titan-t",       "anthropic.claude-v2", "anthropic.claude-instant", "cohere.command-text",
    "cohere.command-light", "meta.llama3-8b",      "meta.llama3-70b",          "mistral.mistral-7b",
    "mistral.mixtral",      "deepseek.r1"};

constexpr std::array<std::string_view, 5> systemless = {
    "amazon.titan-t", "cohere.command-text", "cohere.command-light", "mistral.mistral-7b", "mistral.mixtral"};

// Facts: bedrock.md 2.1 for Titan; Claude 3 and 3.5 by Anthropic's model pages.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 8> limits = {
    {{"amazon.titan-text-lite", 4096},
     {"amazon.titan-text-express", 8192},
     {"amazon.titan-text-premier", 3072},
     {"anthropic.claude-3-haiku", 4096},
     {"anthropic.claude-3-sonnet", 4096},
     {"anthropic.claude-3-opus", 4096},
     {"anthropic.claude-3-5-haiku", 8192},
     {"anthropic.claude-3-5-sonnet", 8192}}};

}  // namespace

std::string_view without_region_prefix(std::string_view model_id) {
    for (const std::string_view prefix : region_prefixes) {
        if (model_id.starts_with(prefix)) return model_id.substr(prefix.size());
    }
    return model_id;
}

bool is_claude(std::string_view model_id) { return model_id.starts_with("anthropic.claude"); }

bool caches_prompts(std::string_view model_id) {
    if (starts_with_any(model_id, uncached_novas)) return false;
    if (model_id.starts_with("amazon.nova")) return true;
    return is_claude(model_id) && !starts_with_any(model_id, uncached_claudes);
}

bool supports_tools(std::string_view model_id) { return !starts_with_any(model_id, toolless); }

bool supports_system(std::string_view model_id) { return !starts_with_any(model_id, systemless); }

bool is_reranker(std::string_view model_id) { return model_id.find(".rerank") != std::string_view::npos; }

bool streams_in_one_piece(std::string_view model_id) {
    return model_id.starts_with("amazon.titan-t") || model_id.starts_with("cohere.command-text") ||
           model_id.starts_with("cohere.command-light");
}

bool takes_one_sampling_parameter(std::string_view model_id) {
    return is_claude(model_id) && model_id.find("-4-5") != std::string_view::npos;
}

std::optional<std::int64_t> max_tokens_limit(std::string_view model_id) {
    for (const auto& [prefix, limit] : limits) {
        if (model_id.starts_with(prefix)) return limit;
    }
    return std::nullopt;
}

std::int64_t default_max_tokens(std::string_view model_id) {
    constexpr std::int64_t of_titan_text = 512;
    constexpr std::int64_t of_others = 4096;
    if (model_id.starts_with("amazon.titan-t")) return of_titan_text;
    return max_tokens_limit(model_id).value_or(of_others);
}

std::int64_t burndown(std::string_view model_id) {
    constexpr std::int64_t since_claude_3_7 = 5;
    const bool younger = is_claude(model_id) && !starts_with_any(model_id, uncached_claudes) &&
                         !model_id.starts_with("anthropic.claude-3-5");
    return younger ? since_claude_3_7 : 1;
}

}  // namespace rockwatch::bedrock_runtime
