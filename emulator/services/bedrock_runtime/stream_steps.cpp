#include "services/bedrock_runtime/stream_steps.hpp"

#include <algorithm>
#include <cmath>

#include "core/text.hpp"
#include "services/bedrock_runtime/tokens.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

/// Bytes that the first `characters` of the text take.
std::size_t bytes_of_characters(std::string_view text, std::size_t characters) {
    std::size_t left = characters;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool starts_character = (static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U;
        if (starts_character && left-- == 0) return at;
    }
    return text.size();
}

/// Walks the clock of one stream.
class Timeline {
public:
    Timeline(const Pace& pace, Random& random)
        : pace_(pace), random_(random), now_(static_cast<double>(pace.first_byte.count())) {}

    Milliseconds now() const { return Milliseconds{std::llround(now_)}; }

    /// Moves to when the piece is sent.
    void wait_for(std::string_view piece) {
        if (first_) {
            first_ = false;
            now_ += static_cast<double>(pace_.first_token.count());
            return;
        }
        double gap = rules::draw(pace_.inter_token, random_);
        if (pace_.cuts == nullptr) gap *= static_cast<double>(std::max<std::int64_t>(1, tokens_of(piece)));
        if (pace_.jitter_ms > 0) gap += (2 * random_.unit() - 1) * pace_.jitter_ms;
        now_ += std::max(0.0, gap);
    }

private:
    const Pace& pace_;
    Random& random_;
    double now_;
    bool first_ = true;
};

std::vector<std::string> pieces_of_block(const Block& block, const Pace& pace) {
    if (block.kind == Block::Kind::redacted || block.kind == Block::Kind::image) return {block.text};
    if (block.kind != Block::Kind::tool_use) return pieces_of(block.text, pace);
    if (!pace.tool_input_in_pieces) return {block.text};
    Pace own = pace;
    own.cuts = nullptr;
    std::vector<std::string> pieces = pieces_of(block.text, own);
    pieces.insert(pieces.begin(), "");  // Claude starts a tool's input with an empty fragment
    return pieces;
}

}  // namespace

std::vector<std::string> pieces_of(std::string_view text, const Pace& pace) {
    std::vector<std::string> pieces;
    if (pace.cuts != nullptr) {
        for (const std::string& cut : *pace.cuts) {
            if (text.empty()) return pieces;
            const std::size_t size = bytes_of_characters(text, utf8_length(cut));
            pieces.emplace_back(text.substr(0, size));
            text.remove_prefix(size);
        }
    }
    while (!text.empty()) {
        const bool whole = pace.tokens_per_piece == 0 || pace.cuts != nullptr;
        const std::size_t size =
            whole ? text.size() : bytes_of_tokens(text, static_cast<std::int64_t>(pace.tokens_per_piece));
        pieces.emplace_back(text.substr(0, size));
        text.remove_prefix(size);
    }
    return pieces;
}

std::vector<Step> stream_steps(const Answer& answer, const Pace& pace, Random& random) {
    std::vector<Step> steps;
    Timeline timeline(pace, random);
    const auto add = [&](Step::Kind kind, std::size_t block, std::string text = {}) -> Step& {
        steps.push_back({.kind = kind, .block = block, .text = std::move(text), .due = timeline.now()});
        return steps.back();
    };
    add(Step::Kind::message_start, 0);
    for (std::size_t index = 0; index < answer.blocks.size(); ++index) {
        const Block& block = answer.blocks[index];
        std::vector<std::string> pieces = pieces_of_block(block, pace);
        add(Step::Kind::block_start, index);
        for (std::string& piece : pieces) {
            timeline.wait_for(piece);
            add(Step::Kind::delta, index, std::move(piece));
        }
        if (!block.signature.empty()) add(Step::Kind::delta, index, block.signature).signature = true;
        add(Step::Kind::block_stop, index);
    }
    add(Step::Kind::message_stop, 0);
    add(Step::Kind::metadata, 0);
    return steps;
}

Milliseconds first_piece_due(const std::vector<Step>& steps) {
    const auto first = std::find_if(steps.begin(), steps.end(),
                                    [](const Step& step) { return step.kind == Step::Kind::delta; });
    return first != steps.end() ? first->due : steps.empty() ? Milliseconds{0} : steps.back().due;
}

std::size_t steps_before(const std::vector<Step>& steps, std::optional<std::size_t> pieces,
                         std::optional<Milliseconds> time) {
    std::size_t sent = 0;
    for (std::size_t index = 0; index < steps.size(); ++index) {
        const Step& step = steps[index];
        if (time && step.due >= *time) return index;
        if (!pieces) continue;
        // What ends the answer is not sent, however many pieces were allowed.
        if (step.kind == Step::Kind::message_stop) return index;
        if (step.kind == Step::Kind::delta && sent++ == *pieces) return index;
        if (sent == *pieces && sent > 0 && step.kind == Step::Kind::block_stop) return index;
    }
    return steps.size();
}

}  // namespace rockwatch::bedrock_runtime
