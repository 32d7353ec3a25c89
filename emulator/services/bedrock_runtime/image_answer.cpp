#include "services/bedrock_runtime/image_answer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/png.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

bool is_image(const Block& block) { return block.kind == Block::Kind::image; }

/// Odd, so that other seeds and other indexes make other numbers.
constexpr std::uint64_t seed_step = 0x9e3779b97f4a7c15ULL;
constexpr std::uint64_t index_step = 0xd1342543de82ef95ULL;

}  // namespace

Json images_member(const WantedImages& wanted) {
    return {{"count", wanted.count}, {"width", wanted.size.width}, {"height", wanted.size.height},
            {"seed", wanted.seed},   {"format", wanted.format},    {"seeThrough", wanted.see_through}};
}

std::vector<Block> drawn_images(std::string_view prompt, const Json& images) {
    const std::string_view format = rules::text_member(images, "format");
    if (format != "png") {
        throw not_supported(fmt::format(
            "The emulator makes PNG images alone, no {}. Ask for output_format png, or add a rule whose "
            "respond has an image or a body.",
            format));
    }
    const std::uint64_t seed =
        text_hash(prompt) + static_cast<std::uint64_t>(images.at("seed").get<std::int64_t>()) * seed_step;
    std::vector<Block> blocks;
    const auto count = images.at("count").get<std::uint64_t>();
    for (std::uint64_t index = 0; index < count; ++index) {
        const Drawing drawing{.size = {.width = images.at("width"), .height = images.at("height")},
                              .seed = seed + index * index_step,
                              .see_through = images.at("seeThrough")};
        blocks.push_back(image_block(base64_encode(drawn_png(drawing))));
    }
    return blocks;
}

Block image_block(std::string base64) {
    return {.kind = Block::Kind::image, .name = "png", .source = {{"bytes", std::move(base64)}}};
}

std::string_view image_base64(const Block& block) { return rules::text_member(block.source, "bytes"); }

void append_images(std::string& out, const Answer& answer) {
    char before = '[';
    for (const Block& block : answer.blocks) {
        out += before;
        append_string(out, image_base64(block));
        before = ',';
    }
    if (before == '[') out += '[';
    out += ']';
}

std::int64_t image_count(const Answer& answer) {
    return std::count_if(answer.blocks.begin(), answer.blocks.end(), is_image);
}

PixelSize image_size(const Answer& answer) {
    const auto first = std::find_if(answer.blocks.begin(), answer.blocks.end(), is_image);
    std::string bytes;
    if (first == answer.blocks.end() || !base64_decode(image_base64(*first), bytes)) return {};
    const auto header = read_image_header(bytes);
    return header ? header->size : PixelSize{};
}

std::optional<Answer> read_images(const Json& native) {
    const Json* images = rules::member(native, "images");
    if (images == nullptr || !images->is_array()) return std::nullopt;
    Answer answer;
    for (const Json& image : *images) {
        if (!image.is_string()) return std::nullopt;
        answer.blocks.push_back(image_block(image.get<std::string>()));
    }
    return answer;
}

}  // namespace rockwatch::bedrock_runtime
