#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/random.hpp"
#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/image_answer.hpp"
#include "services/bedrock_runtime/image_input.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_parts.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// Stability AI: Stable Diffusion 3.5, Stable Image Core and Ultra, and the image services (facts:
/// bedrock.md 2.13; the user guide's stable-image-services and model-parameters-diffusion pages).
namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;
using rules::text_member;

constexpr NativeKey prompt{"prompt", JsonKind::string, true};
constexpr NativeKey optional_prompt{"prompt", JsonKind::string};
constexpr NativeKey negative_prompt{"negative_prompt", JsonKind::string};
constexpr NativeKey image{"image", JsonKind::string, true};
constexpr NativeKey optional_image{"image", JsonKind::string};
constexpr NativeKey strength{"strength", JsonKind::number};
constexpr NativeKey mode{"mode", JsonKind::string};
constexpr NativeKey aspect_ratio{"aspect_ratio", JsonKind::string};
constexpr NativeKey seed{"seed", JsonKind::integer};
constexpr NativeKey output_format{"output_format", JsonKind::string};
constexpr NativeKey style_preset{"style_preset", JsonKind::string};
constexpr NativeKey mask{"mask", JsonKind::string};
constexpr NativeKey grow_mask{"grow_mask", JsonKind::integer};
constexpr NativeKey creativity{"creativity", JsonKind::number};
constexpr NativeKey control_strength{"control_strength", JsonKind::number};

constexpr NativeKey core_keys[] = {prompt, negative_prompt, seed, output_format, aspect_ratio, mode};
constexpr NativeKey generation_keys[] = {prompt, negative_prompt, seed,    output_format, aspect_ratio,
                                         mode,   optional_image,  strength};
constexpr NativeKey inpaint_keys[] = {prompt,        image, negative_prompt, seed,
                                      output_format, mask,  style_preset,    grow_mask};
constexpr NativeKey erase_keys[] = {image, seed, output_format, mask, grow_mask};
constexpr NativeKey replace_keys[] = {prompt,          image,    {"search_prompt", JsonKind::string, true},
                                      negative_prompt, seed,     output_format,
                                      style_preset,    grow_mask};
constexpr NativeKey recolor_keys[] = {prompt,          image,    {"select_prompt", JsonKind::string, true},
                                      negative_prompt, seed,     output_format,
                                      style_preset,    grow_mask};
constexpr NativeKey remove_background_keys[] = {image, output_format};
constexpr NativeKey control_keys[] = {prompt,        image,        negative_prompt, seed,
                                      output_format, style_preset, control_strength};
constexpr NativeKey style_guide_keys[] = {
    prompt,        image,        negative_prompt, seed,
    output_format, style_preset, aspect_ratio,    {"fidelity", JsonKind::number}};
constexpr NativeKey style_transfer_keys[] = {{"init_image", JsonKind::string, true},
                                             {"style_image", JsonKind::string, true},
                                             optional_prompt,
                                             negative_prompt,
                                             seed,
                                             output_format,
                                             {"composition_fidelity", JsonKind::number},
                                             {"style_strength", JsonKind::number},
                                             {"change_strength", JsonKind::number}};
constexpr NativeKey outpaint_keys[] = {image,
                                       optional_prompt,
                                       seed,
                                       output_format,
                                       style_preset,
                                       creativity,
                                       {"left", JsonKind::integer},
                                       {"right", JsonKind::integer},
                                       {"up", JsonKind::integer},
                                       {"down", JsonKind::integer}};
constexpr NativeKey fast_upscale_keys[] = {image, output_format};
constexpr NativeKey creative_upscale_keys[] = {prompt,        image,        negative_prompt, seed,
                                               output_format, style_preset, creativity};
constexpr NativeKey conservative_upscale_keys[] = {prompt, image,         negative_prompt,
                                                   seed,   output_format, creativity};

constexpr std::string_view modes[] = {"text-to-image", "image-to-image"};
constexpr std::string_view style_presets[] = {
    "3d-model",  "analog-film", "anime",        "cinematic", "comic-book",  "digital-art",
    "enhance",   "fantasy-art", "isometric",    "line-art",  "low-poly",    "modeling-compound",
    "neon-punk", "origami",     "photographic", "pixel-art", "tile-texture"};

// Sizes of about a megapixel by Stability's API reference.
struct AspectRatio {
    std::string_view name;
    PixelSize size;
};
constexpr AspectRatio aspect_ratios[] = {{"1:1", {1024, 1024}}, {"16:9", {1344, 768}}, {"21:9", {1536, 640}},
                                         {"2:3", {832, 1216}},  {"3:2", {1216, 832}},  {"4:5", {896, 1088}},
                                         {"5:4", {1088, 896}},  {"9:16", {768, 1344}}, {"9:21", {640, 1536}}};
constexpr auto aspect_ratio_names = [] {
    std::array<std::string_view, std::size(aspect_ratios)> names{};
    for (std::size_t index = 0; index < names.size(); ++index) names[index] = aspect_ratios[index].name;
    return names;
}();

constexpr double prompt_characters_max = 10'000;
constexpr double outpaint_pixels_max = 2000;
// The names are the same in every service, but for those of check_body.
constexpr NativeLimit limits[] = {{"negative_prompt", 0, prompt_characters_max},
                                  {"search_prompt", 1, prompt_characters_max},
                                  {"select_prompt", 1, prompt_characters_max},
                                  {.name = "mode", .words = modes},
                                  {.name = "output_format", .words = png_jpeg_and_webp},
                                  {.name = "aspect_ratio", .words = aspect_ratio_names},
                                  {.name = "style_preset", .words = style_presets},
                                  {"strength", 0, 1},
                                  {"grow_mask", 0, 20},
                                  {"control_strength", 0, 1},
                                  {"fidelity", 0, 1},
                                  {"composition_fidelity", 0, 1},
                                  {"style_strength", 0, 1},
                                  {"change_strength", 0.1, 1},
                                  {"left", 0, outpaint_pixels_max},
                                  {"right", 0, outpaint_pixels_max},
                                  {"up", 0, outpaint_pixels_max},
                                  {"down", 0, outpaint_pixels_max}};

/// What an image that comes in may be, in pixels.
struct InputRange {
    std::int64_t side_min = 64;
    std::int64_t side_max = 16'384;
    std::int64_t area_min = 0;
    std::int64_t area_max = 9'437'184;
    double ratio_max = 2.5;
};
constexpr double any_ratio = 1e9;
constexpr InputRange fast_upscale_input{32, 1536, 1024, 1'048'576, any_ratio};
constexpr InputRange creative_upscale_input{64, 16'384, 4096, 1'048'576, any_ratio};
constexpr InputRange generation_input{.ratio_max = any_ratio};
constexpr InputRange edit_input{};

/// How large the answer is.
enum class Output { by_ratio, as_input, four_times, four_k, extended };

/// One model.
struct Service {
    std::string_view prefix;  ///< of its id
    std::span<const NativeKey> keys;
    Output output = Output::as_input;
    InputRange input = edit_input;
    std::string_view canvas = "image";  ///< the image whose size the answer has
    std::int64_t seed_max = 4294967294;
    double creativity_max = 0.5;
    bool removes_background = false;
};

void check_mode(const Json& body, std::vector<std::string>& problems) {
    const std::string_view word = text_member(body, "mode");
    const auto need = [&](std::string_view name) {
        if (member(body, name) == nullptr)
            problems.push_back(fmt::format("#: required key [{}] not found", name));
    };
    if (word == "image-to-image") {
        need("image");
        need("strength");
    } else if (word == "text-to-image") {
        for (const std::string_view name : {"image", "strength"}) {
            if (member(body, name) != nullptr)
                problems.push_back(fmt::format("#: extraneous key [{}] is not permitted", name));
        }
    } else if (member(body, "strength") != nullptr) {
        need("image");
    }
}

bool needs_prompt(const Service& service) {
    return std::any_of(service.keys.begin(), service.keys.end(),
                       [](const NativeKey& key) { return key.required && key.name == prompt.name; });
}

void check_body(const Service& service, const Json& body) {
    std::vector<std::string> problems;
    check_shape(body, "#", {service.keys, limits}, problems);
    const NativeLimit own[] = {{"prompt", needs_prompt(service) ? 1.0 : 0.0, prompt_characters_max},
                               {"seed", 0, static_cast<double>(service.seed_max)},
                               {"creativity", 0.1, service.creativity_max}};
    check_limits(body, "#", {service.keys, own}, problems);
    throw_problems(problems);
    check_mode(body, problems);
    throw_problems(problems);
}

PixelSize input_size(const Service& service, const Json& body, std::string_view name) {
    const std::string pointer = fmt::format("#/{}", name);
    const PixelSize size =
        input_header({.base64 = text_member(body, name), .pointer = pointer, .formats = png_jpeg_and_webp})
            .size;
    const InputRange& range = service.input;
    const auto [shorter, longer] = std::minmax(size.width, size.height);
    if (shorter < range.side_min || longer > range.side_max)
        throw malformed_request(fmt::format("{}: the sides of {}x{} are not between {} and {} pixels",
                                            pointer, size.width, size.height, range.side_min,
                                            range.side_max));
    const std::int64_t area = size.width * size.height;
    if (area < range.area_min || area > range.area_max)
        throw malformed_request(fmt::format("{}: {}x{} has not between {} and {} pixels", pointer, size.width,
                                            size.height, range.area_min, range.area_max));
    if (static_cast<double>(longer) > range.ratio_max * static_cast<double>(shorter))
        throw malformed_request(fmt::format("{}: the aspect ratio of {}x{} is not between 1:{} and {}:1",
                                            pointer, size.width, size.height, range.ratio_max,
                                            range.ratio_max));
    return size;
}

/// Chosen: what is upscaled "to 4K resolution" gets 4096 pixels on its longer side.
PixelSize four_k(PixelSize size) {
    constexpr std::int64_t longer_side = 4096;
    const std::int64_t longer = std::max(size.width, size.height);
    return {.width = std::max<std::int64_t>(1, size.width * longer_side / longer),
            .height = std::max<std::int64_t>(1, size.height * longer_side / longer)};
}

PixelSize extended(PixelSize size, const Json& body) {
    const std::int64_t across = count_member(body, "left") + count_member(body, "right");
    const std::int64_t upright = count_member(body, "up") + count_member(body, "down");
    if (across + upright == 0)
        throw malformed_request("#: one of left, right, up and down must be greater than 0");
    return {.width = size.width + across, .height = size.height + upright};
}

PixelSize output_size(const Service& service, const Json& body, PixelSize input) {
    switch (service.output) {
        case Output::by_ratio:
            if (input.width > 0) return input;  // image-to-image
            break;
        case Output::as_input:
            return input;
        case Output::four_times:
            return {.width = input.width * 4, .height = input.height * 4};
        case Output::four_k:
            return four_k(input);
        case Output::extended:
            return extended(input, body);
    }
    const std::string_view name = text_member(body, "aspect_ratio");
    for (const AspectRatio& ratio : aspect_ratios) {
        if (ratio.name == name) return ratio.size;
    }
    return aspect_ratios[0].size;
}

/// Chosen: without a seed, or with 0, AWS draws one; here it follows from the prompt, so that the same call
/// gives the same answer.
std::int64_t seed_of(const Service& service, const Json& body) {
    const std::int64_t asked = count_member(body, "seed");
    if (asked != 0) return asked;
    const auto seeds = static_cast<std::uint64_t>(service.seed_max);
    return static_cast<std::int64_t>(text_hash(text_member(body, "prompt")) % seeds + 1);
}

void check_mask(PixelSize size, PixelSize canvas) {
    if (size.width == canvas.width && size.height == canvas.height) return;
    throw malformed_request(fmt::format("#/mask: {}x{} is not the size of the image, {}x{}", size.width,
                                        size.height, canvas.width, canvas.height));
}

Json request_of(const Service& service, const Json& body) {
    check_body(service, body);
    Json content = Json::array();
    const std::string_view text = text_member(body, "prompt");
    if (!text.empty()) content.push_back({{"text", text}});
    PixelSize input;
    for (const std::string_view name : {"image", "init_image", "style_image", "mask"}) {
        if (member(body, name) == nullptr) continue;
        content.push_back({{"image", Json::object()}});
        const PixelSize size = input_size(service, body, name);
        if (name == service.canvas) input = size;
        if (name == mask.name) check_mask(size, input);
    }
    const std::string_view format = text_member(body, "output_format");
    const WantedImages wanted{.size = output_size(service, body, input),
                              .seed = seed_of(service, body),
                              .format = format.empty() ? "png" : format,
                              .see_through = service.removes_background};
    Json converse = one_user_message(std::move(content));
    converse["images"] = images_member(wanted);
    return converse;
}

/// {"seeds":[…],"finish_reasons":[null],"images":["…"]}; a request that was filtered has its reason alone.
std::string body_of(const Answer& answer, const NativeContext&) {
    const bool filtered = answer.stop_reason == "content_filtered";
    if (filtered && answer.blocks.empty()) return R"({"finish_reasons":["Filter reason: prompt"]})";
    std::string seeds;
    std::string reasons;
    for (std::size_t index = 0; index < answer.blocks.size(); ++index) {
        if (index > 0) seeds += ',';
        append_number(seeds, answer.image_seed + static_cast<std::int64_t>(index));
        if (index > 0) reasons += ',';
        reasons += filtered ? R"("Filter reason: output image")" : "null";
    }
    std::string out = R"({"seeds":[)" + seeds + R"(],"finish_reasons":[)" + reasons + R"(],"images":)";
    append_images(out, answer);
    out += '}';
    return out;
}

std::optional<Answer> read_body(const Json& native) {
    const Json& reasons = rules::elements(native, "finish_reasons");
    auto answer = read_images(native);
    const bool filtered =
        std::any_of(reasons.begin(), reasons.end(), [](const Json& reason) { return reason.is_string(); });
    if (!answer && filtered) answer.emplace();
    if (filtered) answer->stop_reason = "content_filtered";
    return answer;
}

constexpr std::int64_t seed_max_of_generators = 4294967295;
constexpr Service sd35{.prefix = "stability.sd3-5",
                       .keys = generation_keys,
                       .output = Output::by_ratio,
                       .input = generation_input};
constexpr Service core{.prefix = "stability.stable-image-core",
                       .keys = core_keys,
                       .output = Output::by_ratio,
                       .seed_max = seed_max_of_generators};
constexpr Service ultra{.prefix = "stability.stable-image-ultra",
                        .keys = generation_keys,
                        .output = Output::by_ratio,
                        .input = generation_input,
                        .seed_max = seed_max_of_generators};
constexpr Service inpaint{.prefix = "stability.stable-image-inpaint", .keys = inpaint_keys};
constexpr Service erase{.prefix = "stability.stable-image-erase-object", .keys = erase_keys};
constexpr Service replace{.prefix = "stability.stable-image-search-replace", .keys = replace_keys};
constexpr Service recolor{.prefix = "stability.stable-image-search-recolor", .keys = recolor_keys};
constexpr Service remove_background{.prefix = "stability.stable-image-remove-background",
                                    .keys = remove_background_keys,
                                    .removes_background = true};
constexpr Service control_sketch{.prefix = "stability.stable-image-control-sketch", .keys = control_keys};
constexpr Service control_structure{.prefix = "stability.stable-image-control-structure",
                                    .keys = control_keys};
constexpr Service style_guide{.prefix = "stability.stable-image-style-guide",
                              .keys = style_guide_keys,
                              .output = Output::by_ratio,
                              .canvas = {}};
constexpr Service style_transfer{
    .prefix = "stability.stable-style-transfer", .keys = style_transfer_keys, .canvas = "init_image"};
constexpr Service outpaint{.prefix = "stability.stable-outpaint",
                           .keys = outpaint_keys,
                           .output = Output::extended,
                           .creativity_max = 1};
constexpr Service fast_upscale{.prefix = "stability.stable-fast-upscale",
                               .keys = fast_upscale_keys,
                               .output = Output::four_times,
                               .input = fast_upscale_input};
constexpr Service creative_upscale{.prefix = "stability.stable-creative-upscale",
                                   .keys = creative_upscale_keys,
                                   .output = Output::four_k,
                                   .input = creative_upscale_input};
constexpr Service conservative_upscale{.prefix = "stability.stable-conservative-upscale",
                                       .keys = conservative_upscale_keys,
                                       .output = Output::four_k};

template <const Service& service>
const Family& family_of() {
    static const Family family{"Stability AI", [](const Json& body) { return request_of(service, body); },
                               body_of,        nullptr,
                               read_body,      Family::Output::images};
    return family;
}

struct Row {
    const Service& service;
    const Family& (*family)();
};

constexpr Row rows[] = {{sd35, family_of<sd35>},
                        {core, family_of<core>},
                        {ultra, family_of<ultra>},
                        {inpaint, family_of<inpaint>},
                        {erase, family_of<erase>},
                        {replace, family_of<replace>},
                        {recolor, family_of<recolor>},
                        {remove_background, family_of<remove_background>},
                        {control_sketch, family_of<control_sketch>},
                        {control_structure, family_of<control_structure>},
                        {style_guide, family_of<style_guide>},
                        {style_transfer, family_of<style_transfer>},
                        {outpaint, family_of<outpaint>},
                        {fast_upscale, family_of<fast_upscale>},
                        {creative_upscale, family_of<creative_upscale>},
                        {conservative_upscale, family_of<conservative_upscale>}};

}  // namespace

const Family* find_stability(std::string_view model_id) {
    for (const Row& row : rows) {
        if (model_id.starts_with(row.service.prefix)) return &row.family();
    }
    return nullptr;
}

}  // namespace rockwatch::bedrock_runtime
