#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/image_tasks.hpp"

/// Amazon Nova Canvas (facts: bedrock.md 2.3; the Nova user guide's image-gen-req-resp-structure).
namespace rockwatch::bedrock_runtime {

namespace {

constexpr NativeKey text_to_image_keys[] = {image_keys::required_text,   image_keys::negative_text,
                                            {"style", JsonKind::string}, image_keys::condition_image,
                                            image_keys::control_mode,    image_keys::control_strength};
constexpr NativeKey in_painting_keys[] = {image_keys::image, image_keys::text, image_keys::negative_text,
                                          image_keys::mask_prompt, image_keys::mask_image};
constexpr NativeKey out_painting_keys[] = {image_keys::image,         image_keys::required_text,
                                           image_keys::negative_text, image_keys::mask_prompt,
                                           image_keys::mask_image,    image_keys::out_painting_mode};
constexpr NativeKey virtual_try_on_keys[] = {{"sourceImage", JsonKind::string, true},
                                             {"referenceImage", JsonKind::string, true},
                                             {"maskType", JsonKind::string, true},
                                             {"imageBasedMask", JsonKind::object},
                                             {"garmentBasedMask", JsonKind::object},
                                             {"promptBasedMask", JsonKind::object},
                                             {"maskExclusions", JsonKind::object},
                                             {"mergeStyle", JsonKind::string},
                                             image_keys::return_mask};

constexpr NativeKey image_mask_keys[] = {{"maskImage", JsonKind::string, true}};
constexpr NativeKey garment_mask_keys[] = {{"garmentClass", JsonKind::string, true},
                                           {"maskShape", JsonKind::string},
                                           {"garmentStyling", JsonKind::object}};
constexpr NativeKey prompt_mask_keys[] = {{"maskPrompt", JsonKind::string, true},
                                          {"maskShape", JsonKind::string}};
constexpr NativeKey styling_keys[] = {{"longSleeveStyle", JsonKind::string},
                                      {"tuckingStyle", JsonKind::string},
                                      {"outerLayerStyle", JsonKind::string}};
constexpr NativeKey exclusion_keys[] = {{"preserveBodyPose", JsonKind::string},
                                        {"preserveHands", JsonKind::string},
                                        {"preserveFace", JsonKind::string}};

constexpr std::string_view styles[] = {"3D_ANIMATED_FAMILY_FILM",
                                       "DESIGN_SKETCH",
                                       "FLAT_VECTOR_ILLUSTRATION",
                                       "GRAPHIC_NOVEL_ILLUSTRATION",
                                       "MAXIMALISM",
                                       "MIDCENTURY_RETRO",
                                       "PHOTOREALISM",
                                       "SOFT_DIGITAL_PAINTING"};
constexpr std::string_view mask_types[] = {"IMAGE", "GARMENT", "PROMPT"};
constexpr std::string_view merge_styles[] = {"BALANCED", "SEAMLESS", "DETAILED"};
constexpr std::string_view mask_shapes[] = {"CONTOUR", "BOUNDING_BOX", "DEFAULT"};
constexpr std::string_view switches[] = {"ON", "OFF", "DEFAULT"};
constexpr std::string_view sleeve_styles[] = {"SLEEVE_DOWN", "SLEEVE_UP"};
constexpr std::string_view tucking_styles[] = {"UNTUCKED", "TUCKED"};
constexpr std::string_view layer_styles[] = {"CLOSED", "OPEN"};
constexpr std::string_view garment_classes[] = {"UPPER_BODY",
                                                "LOWER_BODY",
                                                "FULL_BODY",
                                                "FOOTWEAR",
                                                "LONG_SLEEVE_SHIRT",
                                                "SHORT_SLEEVE_SHIRT",
                                                "NO_SLEEVE_SHIRT",
                                                "OTHER_UPPER_BODY",
                                                "LONG_PANTS",
                                                "SHORT_PANTS",
                                                "OTHER_LOWER_BODY",
                                                "LONG_DRESS",
                                                "SHORT_DRESS",
                                                "FULL_BODY_OUTFIT",
                                                "OTHER_FULL_BODY",
                                                "SHOES",
                                                "BOOTS",
                                                "OTHER_FOOTWEAR"};

constexpr double text_characters_max = 1024;
// The names are the same in every task.
constexpr NativeLimit limits[] = {{"text", 1, text_characters_max},
                                  {"negativeText", 1, text_characters_max},
                                  {"maskPrompt", 1, text_characters_max},
                                  {.name = "style", .words = styles},
                                  {.name = "controlMode", .words = image_keys::control_modes},
                                  {"controlStrength", 0, 1},
                                  {.name = "outPaintingMode", .words = image_keys::out_painting_modes},
                                  {"similarityStrength", 0.2, 1},
                                  {"images", 1, 5},
                                  {"colors", 1, 10},
                                  {.name = "maskType", .words = mask_types},
                                  {.name = "mergeStyle", .words = merge_styles},
                                  {.name = "maskShape", .words = mask_shapes},
                                  {.name = "garmentClass", .words = garment_classes},
                                  {.name = "longSleeveStyle", .words = sleeve_styles},
                                  {.name = "tuckingStyle", .words = tucking_styles},
                                  {.name = "outerLayerStyle", .words = layer_styles},
                                  {.name = "preserveBodyPose", .words = switches},
                                  {.name = "preserveHands", .words = switches},
                                  {.name = "preserveFace", .words = switches}};

constexpr double side_min = 320;
constexpr double side_max = 4096;
constexpr std::int64_t side_step = 16;
constexpr std::int64_t sides_ratio_max = 4;
constexpr std::int64_t pixels_max = 4'194'304;
constexpr std::int64_t default_seed = 12;
// Facts say a smaller largest seed, from memory; the user guide says this one.
constexpr NativeLimit config_limits[] = {
    {"width", side_min, side_max}, {"height", side_min, side_max},
    {"numberOfImages", 1, 5},      {.name = "quality", .words = image_keys::qualities},
    {"cfgScale", 1.1, 10},         {"seed", 0, 2147483646}};

/// Chosen: 2048x2048 is allowed, though the page says "less than 4,194,304": AWS names it as the largest
/// square.
void check_area(PixelSize size, std::string_view pointer) {
    const auto [shorter, longer] = std::minmax(size.width, size.height);
    if (longer > sides_ratio_max * shorter)
        throw malformed_request(fmt::format("{}: the aspect ratio of {}x{} is not between 1:4 and 4:1",
                                            pointer, size.width, size.height));
    if (size.width * size.height > pixels_max)
        throw malformed_request(
            fmt::format("{}: {}x{} has more than {} pixels", pointer, size.width, size.height, pixels_max));
}

void check_size(PixelSize size, std::string_view pointer) {
    for (const auto& [name, side] : {std::pair{"width", size.width}, {"height", size.height}}) {
        if (side % side_step != 0)
            throw malformed_request(
                fmt::format("{}/{}: {} is not a multiple of {}", pointer, name, side, side_step));
    }
    check_area(size, pointer);
}

void check_input(PixelSize size, std::string_view pointer) {
    const auto [shorter, longer] = std::minmax(size.width, size.height);
    if (static_cast<double>(shorter) < side_min || static_cast<double>(longer) > side_max)
        throw malformed_request(fmt::format("{}: the sides of {}x{} are not between {} and {} pixels",
                                            pointer, size.width, size.height, side_min, side_max));
    check_area(size, pointer);
}

void check_virtual_try_on(const Json& params, std::string_view pointer, std::vector<std::string>& problems) {
    check_member(params, pointer, {"imageBasedMask", {image_mask_keys, limits}}, problems);
    check_member(params, pointer, {"garmentBasedMask", {garment_mask_keys, limits}}, problems);
    check_member(params, pointer, {"promptBasedMask", {prompt_mask_keys, limits}}, problems);
    check_member(params, pointer, {"maskExclusions", {exclusion_keys, limits}}, problems);
    if (const Json* garment = rules::member(params, "garmentBasedMask")) {
        check_member(*garment, fmt::format("{}/garmentBasedMask", pointer),
                     {"garmentStyling", {styling_keys, limits}}, problems);
    }
    for (const auto& [type, mask] : {std::pair{"IMAGE", "imageBasedMask"},
                                     {"GARMENT", "garmentBasedMask"},
                                     {"PROMPT", "promptBasedMask"}}) {
        if (rules::text_member(params, "maskType") == type && rules::member(params, mask) == nullptr)
            problems.push_back(fmt::format("{}: required key [{}] not found", pointer, mask));
    }
    refuse_return_mask(params, pointer, problems);
}

constexpr ImageTask tasks[] = {{.type = "TEXT_IMAGE",
                                .params = "textToImageParams",
                                .keys = text_to_image_keys,
                                .limits = limits,
                                .check = check_condition},
                               {.type = "COLOR_GUIDED_GENERATION",
                                .params = "colorGuidedGenerationParams",
                                .keys = image_keys::of_colour_guided_generation,
                                .limits = limits,
                                .check = check_colours},
                               {.type = "IMAGE_VARIATION",
                                .params = "imageVariationParams",
                                .keys = image_keys::of_image_variation,
                                .limits = limits,
                                .check = check_images},
                               {.type = "INPAINTING",
                                .params = "inPaintingParams",
                                .keys = in_painting_keys,
                                .limits = limits,
                                .canvas = "image",
                                .masked = true},
                               {.type = "OUTPAINTING",
                                .params = "outPaintingParams",
                                .keys = out_painting_keys,
                                .limits = limits,
                                .canvas = "image",
                                .masked = true},
                               {.type = "BACKGROUND_REMOVAL",
                                .params = "backgroundRemovalParams",
                                .keys = image_keys::of_background_removal,
                                .limits = limits,
                                .canvas = "image",
                                .configured = false},
                               {.type = "VIRTUAL_TRY_ON",
                                .params = "virtualTryOnParams",
                                .keys = virtual_try_on_keys,
                                .limits = limits,
                                .canvas = "sourceImage",
                                .check = check_virtual_try_on}};

constexpr ImageGenerator generator{.name = "Nova Canvas",
                                   .tasks = tasks,
                                   .config_limits = config_limits,
                                   .resizes_edits = false,
                                   .seed = default_seed,
                                   .check_size = check_size,
                                   .check_input = check_input};

}  // namespace

const Family& nova_canvas() { return image_family<generator>(); }

}  // namespace rockwatch::bedrock_runtime
