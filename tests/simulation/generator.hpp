#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>

#include "step.hpp"

namespace rockwatch::simulation {

/// What a seed's story is about.
enum class Theme {
    everything,  ///< crashes and resets too
    isolated,    ///< nothing that reaches across owners: no resets, rules bound to an owner
    faulty,      ///< everything, and a disk that fails or a power that goes within a call
};

/// A sequence of steps, made from the seed alone: mostly valid calls over small name spaces, so that they
/// meet, with clock moves, crashes and mistakes between them.
Steps generate(std::uint64_t seed, std::size_t count, Theme theme);

inline constexpr const char* titan = "amazon.titan-text-express-v1";
inline constexpr const char* haiku = "anthropic.claude-3-haiku-20240307-v1:0";
/// Claude Haiku 4.5, which cannot be called but through a profile.
inline constexpr const char* young_haiku = "global.anthropic.claude-haiku-4-5-20251001-v1:0";

/// Draws that are the same on every machine: the standard's distributions are not.
class Luck {
public:
    explicit Luck(std::uint64_t seed) : engine_(seed * 0x9e3779b97f4a7c15ULL + 1) {}

    std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
    bool percent(std::uint64_t chance) { return below(100) < chance; }
    template <class T>
    T one_of(std::initializer_list<T> values) {
        return *(values.begin() + below(values.size()));
    }
    std::string name(const char* prefix, std::uint64_t count) {
        return prefix + std::to_string(below(count));
    }

private:
    std::mt19937_64 engine_;
};

/// One call of a service, by the file it stands in.
struct CallMaker {
    Luck& luck;
    std::size_t who;
    Theme theme;
    Steps& steps;

    void add(const std::string& service, const std::string& operation, Json input);

    void logs();  // generate_logs.cpp
    void put_events(const std::string& group, const std::string& stream);
    void queues();  // generate_messages.cpp
    void create_queue(const std::string& queue);
    void topics();
    void subscribe(const std::string& topic);
    void metrics();  // generate_metrics.cpp
    void alarms();
    void put_alarm(const std::string& name);
    void invocations();  // generate_invocations.cpp
    void converse(const std::string& model, bool streamed, const std::string& text,
                  std::optional<std::int64_t> max_tokens = 64);
    void invoke_titan(bool streamed, const std::string& text, std::optional<std::int64_t> max_tokens = 64);
    void logging_config();
    void rules();
    void quotas();  // generate_quotas.cpp
    void put_quotas(const std::string& model);
    void crowd(const std::string& model);
    void roles();
    /// Things that most stories need, made at their beginning.
    void stage_set();
};

}  // namespace rockwatch::simulation
