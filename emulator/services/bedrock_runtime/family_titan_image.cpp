#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/image_tasks.hpp"

/// Amazon Titan Image Generator G1 (facts: bedrock.md 2.3; the user guide's model-parameters-titan-image).
namespace rockwatch::bedrock_runtime {

namespace {

constexpr NativeKey text_to_image_v1_keys[] = {image_keys::required_text, image_keys::negative_text};
constexpr NativeKey text_to_image_keys[] = {image_keys::required_text, image_keys::negative_text,
                                            image_keys::condition_image, image_keys::control_mode,
                                            image_keys::control_strength};
constexpr NativeKey in_painting_keys[] = {image_keys::image,         image_keys::text,
                                          image_keys::negative_text, image_keys::mask_prompt,
                                          image_keys::mask_image,    image_keys::return_mask};
constexpr NativeKey out_painting_keys[] = {
    image_keys::image,      image_keys::required_text,     image_keys::negative_text, image_keys::mask_prompt,
    image_keys::mask_image, image_keys::out_painting_mode, image_keys::return_mask};

constexpr double text_characters_max = 512;
// The names are the same in every task.
constexpr NativeLimit limits[] = {{"text", 1, text_characters_max},
                                  {"negativeText", 1, text_characters_max},
                                  {"maskPrompt", 1, text_characters_max},
                                  {.name = "controlMode", .words = image_keys::control_modes},
                                  {"controlStrength", 0, 1},
                                  {.name = "outPaintingMode", .words = image_keys::out_painting_modes},
                                  {"similarityStrength", 0.2, 1},
                                  {"images", 1, 5},
                                  {"colors", 1, 10}};
constexpr NativeLimit config_limits[] = {{"numberOfImages", 1, 5},
                                         {.name = "quality", .words = image_keys::qualities},
                                         {"cfgScale", 1.1, 10},
                                         {"seed", 0, 2147483646}};

constexpr std::int64_t default_seed = 42;
constexpr std::int64_t input_side_max = 1408;
constexpr std::array<std::pair<std::int64_t, std::int64_t>, 25> sizes = {
    {{1024, 1024}, {768, 768},  {512, 512},  {768, 1152}, {384, 576},  {1152, 768}, {576, 384},
     {768, 1280},  {384, 640},  {1280, 768}, {640, 384},  {896, 1152}, {448, 576},  {1152, 896},
     {576, 448},   {768, 1408}, {384, 704},  {1408, 768}, {704, 384},  {640, 1408}, {320, 704},
     {1408, 640},  {704, 320},  {1152, 640}, {1173, 640}}};

void check_size(PixelSize size, std::string_view pointer) {
    if (std::find(sizes.begin(), sizes.end(), std::pair{size.width, size.height}) != sizes.end()) return;
    throw malformed_request(
        fmt::format("{}: {}x{} is not a supported size", pointer, size.width, size.height));
}

void check_input(PixelSize size, std::string_view pointer) {
    if (std::max(size.width, size.height) <= input_side_max) return;
    throw malformed_request(fmt::format("{}: {}x{} is larger than {} pixels on its longer side", pointer,
                                        size.width, size.height, input_side_max));
}

constexpr ImageTask in_painting{.type = "INPAINTING",
                                .params = "inPaintingParams",
                                .keys = in_painting_keys,
                                .limits = limits,
                                .canvas = "image",
                                .masked = true,
                                .check = refuse_return_mask};
constexpr ImageTask out_painting{.type = "OUTPAINTING",
                                 .params = "outPaintingParams",
                                 .keys = out_painting_keys,
                                 .limits = limits,
                                 .canvas = "image",
                                 .masked = true,
                                 .check = refuse_return_mask};
constexpr ImageTask image_variation{.type = "IMAGE_VARIATION",
                                    .params = "imageVariationParams",
                                    .keys = image_keys::of_image_variation,
                                    .limits = limits,
                                    .check = check_images};

constexpr ImageTask tasks_v1[] = {
    {.type = "TEXT_IMAGE", .params = "textToImageParams", .keys = text_to_image_v1_keys, .limits = limits},
    in_painting,
    out_painting,
    image_variation};
constexpr ImageTask tasks[] = {{.type = "TEXT_IMAGE",
                                .params = "textToImageParams",
                                .keys = text_to_image_keys,
                                .limits = limits,
                                .check = check_condition},
                               in_painting,
                               out_painting,
                               image_variation,
                               {.type = "COLOR_GUIDED_GENERATION",
                                .params = "colorGuidedGenerationParams",
                                .keys = image_keys::of_colour_guided_generation,
                                .limits = limits,
                                .check = check_colours},
                               {.type = "BACKGROUND_REMOVAL",
                                .params = "backgroundRemovalParams",
                                .keys = image_keys::of_background_removal,
                                .limits = limits,
                                .canvas = "image",
                                .configured = false}};

constexpr ImageGenerator generator_v1{.name = "Titan Image Generator",
                                      .tasks = tasks_v1,
                                      .config_limits = config_limits,
                                      .resizes_edits = true,
                                      .seed = default_seed,
                                      .check_size = check_size,
                                      .check_input = check_input};
constexpr ImageGenerator generator{.name = "Titan Image Generator",
                                   .tasks = tasks,
                                   .config_limits = config_limits,
                                   .resizes_edits = true,
                                   .seed = default_seed,
                                   .check_size = check_size,
                                   .check_input = check_input};

}  // namespace

const Family& titan_image_v1() { return image_family<generator_v1>(); }
const Family& titan_image() { return image_family<generator>(); }

}  // namespace rockwatch::bedrock_runtime
