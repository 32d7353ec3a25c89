#include <array>
#include <cmath>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/answer.hpp"
#include "services/bedrock_runtime/tokens.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

constexpr std::int64_t quoted_tokens_max = 16;
constexpr int schema_depth_max = 16;

constexpr std::array<std::string_view, 4> openings = {"You asked about \"", "Here is a short answer to \"",
                                                      "Let me take \"", "Thank you for asking about \""};
constexpr std::array<std::string_view, 10> sentences = {
    " The short answer is that it depends on a few details, and the most important one is the context.",
    " There are two points worth keeping in mind before you decide.",
    " A good first step is to write down what you know and what you would still like to find out.",
    " In most cases a simple approach works well and is easy to change later.",
    " It helps to look at an example and to compare the result with what you expected.",
    " Several sources describe the same idea with different words.",
    " If something looks wrong, check the input first and then the assumptions.",
    " This has been true for a long time, though the details keep changing.",
    " You can measure the effect directly instead of guessing.",
    " Please tell me more if you would like a longer explanation."};

Json sample(const Json& schema, int depth);

Json sample_object(const Json& schema, int depth) {
    Json object = Json::object();
    const Json* properties = rules::member(schema, "properties");
    if (properties == nullptr || depth >= schema_depth_max) return object;
    for (const Json& name : rules::elements(schema, "required")) {
        if (!name.is_string()) continue;
        const std::string& key = name.get_ref<const std::string&>();
        const Json* property = rules::member(*properties, key);
        object[key] = property == nullptr ? Json("example") : sample(*property, depth + 1);
    }
    return object;
}

Json sample(const Json& schema, int depth) {
    if (const Json* constant = rules::member(schema, "const")) return *constant;
    const Json& choices = rules::elements(schema, "enum");
    if (!choices.empty()) return choices.front();
    const std::string_view type = rules::text_member(schema, "type");
    if (type == "object" || rules::member(schema, "properties") != nullptr)
        return sample_object(schema, depth);
    if (type == "array") return Json::array();
    if (type == "integer" || type == "number") {
        const Json* minimum = rules::member(schema, "minimum");
        return minimum != nullptr && minimum->is_number() ? *minimum : Json(1);
    }
    if (type == "boolean") return true;
    if (type == "null") return nullptr;
    return "example";
}

}  // namespace

std::vector<double> unit_vector(std::string_view text, EmbeddingSize size) {
    std::uint64_t state = text_hash(text) ^ (size.seed * 0x9e3779b97f4a7c15ULL);
    std::vector<double> vector(size.dimensions);
    double squares = 0;
    for (double& component : vector) {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        component = static_cast<double>(state >> 11U) * 0x1.0p-52 - 1;  // from -1 to 1
        squares += component * component;
    }
    const double length = std::sqrt(squares);
    if (length > 0) {
        for (double& component : vector) component /= length;
    }
    return vector;
}

Json sample_of_schema(const Json& schema) { return sample(schema, 0); }

std::string default_text(std::string_view prompt, std::string_view model_id) {
    std::uint64_t hash = text_hash(prompt) ^ (text_hash(model_id) * 31);
    const auto next = [&](std::uint64_t bound) {
        hash = hash * 6364136223846793005ULL + 1442695040888963407ULL;
        return (hash >> 33U) % bound;
    };
    std::string text;
    if (prompt.empty()) {
        text = "How can I help you?";
    } else {
        text = openings[next(openings.size())];
        text += prompt.substr(0, bytes_of_tokens(prompt, quoted_tokens_max));
        text += "\".";
    }
    const std::size_t count = 1 + next(4);
    std::size_t at = next(sentences.size());
    for (std::size_t index = 0; index < count; ++index) {
        text += sentences[at];
        at = (at + 1 + next(3)) % sentences.size();
    }
    return text;
}

}  // namespace rockwatch::bedrock_runtime
