#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "step.hpp"

namespace rockwatch::simulation {

/// I25: which calls quotas admit, by adding up what came within the last minute. What they count is said by
/// bedrock.md 9.3 and the contract's "Quotas"; where those are silent, the emulator's choices are followed: a
/// minute is half open, a new list or a start counts from nothing, and a refused call takes nothing.
class QuotaModel {
public:
    /// A list in place of the old one; an empty one: nobody is throttled.
    void put(const Json& quotas);
    const Json& quotas() const { return quotas_; }
    /// The list stays, what was counted does not: it lives in the process's memory alone.
    void restarted() { begin_anew(); }

    struct Call {
        std::size_t who;
        std::string model;  ///< as called: by a profile's name apart from the model's own
        std::int64_t at;
        std::int64_t tokens;  ///< input and the most output asked for; settled: what it burned
    };
    struct Ruling {
        std::string refusal;     ///< "requests", "tokens", or empty: admitted
        std::size_t number = 0;  ///< of an admitted call
        /// One like it was refused, and were a minute endless this one would be, too.
        bool is_let_through_again = false;
    };
    Ruling ask(const Call& call);
    /// An admitted call is over.
    void settle(std::size_t number, std::int64_t burned_tokens);

private:
    void begin_anew();
    std::string refusal(const Call& call, std::int64_t since) const;

    Json quotas_ = Json::array();
    std::map<std::size_t, Call> calls_;  // admitted, by number
    std::size_t calls_ever_ = 0;
    std::set<std::pair<std::size_t, std::string>> refused_;
};

/// Whether a condition on models names this one: by the name it was called by, or by the foundation model's.
/// `*` at the end is the only wildcard that the stories use.
bool names_model(const std::string& glob, const std::string& model);

/// Before the answer is known: a token for every four characters of the prompt, and the most output asked
/// for.
std::int64_t reserved_tokens(const std::string& prompt, const Json& input);
/// How many tokens of quota an output token burns: five since Claude 3.7.
std::int64_t burndown(const std::string& model);

}  // namespace rockwatch::simulation
