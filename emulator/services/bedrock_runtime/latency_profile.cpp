#include "services/bedrock_runtime/latency_profile.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace rockwatch::bedrock_runtime {

namespace {

struct Profile {
    double first_token_ms;  ///< median
    double sigma;           ///< of its logarithm
    double per_thousand_input_ms;
    double tokens_per_second;  ///< 0: nothing is decoded
    double jitter;             ///< of the speed, as a share
};

constexpr Profile micro{220, 0.25, 8, 300, 0.15};
constexpr Profile fast{300, 0.30, 15, 200, 0.20};
constexpr Profile standard{450, 0.35, 25, 90, 0.20};
constexpr Profile large{900, 0.40, 40, 55, 0.20};
constexpr Profile xlarge{1500, 0.45, 60, 45, 0.25};
constexpr Profile reasoning{700, 0.45, 30, 80, 0.25};
constexpr Profile buffered{500, 0.35, 0, 17, 0};
constexpr Profile embed{80, 0.30, 10, 0, 0};
constexpr Profile image{6000, 0.25, 0, 0, 0};

struct Row {
    std::string_view part;  ///< of the model's id
    const Profile& profile;
};

// The first row whose text stands in the id counts.
constexpr std::array<Row, 27> rows = {{{"embed", embed},
                                       {"nova-canvas", image},
                                       {"image", image},
                                       {"stability.", image},
                                       {"titan-t", buffered},
                                       {"command-text", buffered},
                                       {"command-light", buffered},
                                       {"nova-micro", micro},
                                       {"llama3-2-1b", micro},
                                       {"llama3-2-3b", micro},
                                       {"-8b-", micro},
                                       {"nova-lite", fast},
                                       {"nova-2-lite", fast},
                                       {"llama4", fast},
                                       {"nemotron-nano", fast},
                                       {"gpt-oss-20b", fast},
                                       {"haiku", standard},
                                       {"claude-opus", xlarge},
                                       {"3-opus", xlarge},
                                       {"405b", xlarge},
                                       {"deepseek.r1", reasoning},
                                       {"anthropic.", large},
                                       {"meta.llama", large},
                                       {"deepseek", large},
                                       {"kimi", large},
                                       {"minimax", large},
                                       {"nova-premier", large}}};

const Profile& profile_of(std::string_view model_id) {
    for (const Row& row : rows) {
        if (model_id.find(row.part) != std::string_view::npos) return row.profile;
    }
    return standard;
}

}  // namespace

RealisticTimes realistic_times(const ProfileQuestion& question, const Usage& usage, Random& random) {
    const Profile& profile = profile_of(question.model_id);
    const double normal =
        std::sqrt(-2 * std::log(1 - random.unit())) * std::cos(2 * std::numbers::pi * random.unit());
    double first = profile.first_token_ms * std::exp(profile.sigma * normal);
    first += profile.per_thousand_input_ms * static_cast<double>(usage.input + usage.cache_write) / 1000;
    double speed = profile.tokens_per_second * (1 + profile.jitter * (2 * random.unit() - 1));
    if (question.optimized) {
        first *= 0.8;
        speed *= 1.6;
    }
    return {.first_token_ms = first, .per_token_ms = speed > 0 ? 1000 / speed : 0};
}

}  // namespace rockwatch::bedrock_runtime
