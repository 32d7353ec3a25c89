#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/instant.hpp"
#include "core/random.hpp"
#include "rules/latency.hpp"
#include "rules/rule.hpp"
#include "services/bedrock_runtime/answer.hpp"

namespace rockwatch::bedrock_runtime {

/// One step of a streamed answer, in Converse's terms; every door makes its own events of it.
struct Step {
    enum class Kind { message_start, block_start, delta, block_stop, message_stop, metadata };
    Kind kind = Kind::delta;
    std::size_t block = 0;
    std::string text;        ///< delta: the piece; of a tool's input, a fragment of its JSON
    bool signature = false;  ///< delta: the reasoning's signature, in `text`
    Milliseconds due{0};     ///< emulated, from the call's arrival
};

/// How fast and in which pieces.
struct Pace {
    Milliseconds first_byte{0};   ///< to messageStart
    Milliseconds first_token{0};  ///< from there to the first piece
    rules::Distribution inter_token;
    double jitter_ms = 0;                            ///< each gap is longer or shorter by up to this
    std::size_t tokens_per_piece = 4;                ///< 0: each block in one piece
    const std::vector<std::string>* cuts = nullptr;  ///< made by hand: each piece is one gap long
    bool tool_input_in_pieces = false;               ///< as Claude sends it; otherwise whole
};

/// The steps of an answer from messageStart to metadata, in time order.
///
/// Chosen: interTokenMs is what a token takes, so a piece of four tokens comes four gaps after the one before
/// it, and the last one after latency + firstTokenMs + (tokens - 1) * interTokenMs at most. Cuts whose texts
/// are not the answer's cut it at their lengths.
std::vector<Step> stream_steps(const Answer& answer, const Pace& pace, Random& random);

/// The text in pieces: at the cuts' lengths, or of `tokens` tokens each.
std::vector<std::string> pieces_of(std::string_view text, const Pace& pace);

/// When the first piece is sent; the last step's time when there is none.
Milliseconds first_piece_due(const std::vector<Step>& steps);

/// The steps that go out before an error in the stream. `pieces` of them, or those before `time`.
std::size_t steps_before(const std::vector<Step>& steps, std::optional<std::size_t> pieces,
                         std::optional<Milliseconds> time);

}  // namespace rockwatch::bedrock_runtime
