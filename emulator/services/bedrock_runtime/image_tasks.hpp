#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "services/bedrock_runtime/families.hpp"
#include "services/bedrock_runtime/image_header.hpp"
#include "services/bedrock_runtime/native_limits.hpp"
#include "services/bedrock_runtime/native_schema.hpp"

/// The envelope that Titan Image Generator and Nova Canvas share (facts: bedrock.md 2.3): a task, its
/// parameters, imageGenerationConfig; and their answer, a list of PNGs and an error.
namespace rockwatch::bedrock_runtime {

/// Parameters that both models have.
namespace image_keys {
inline constexpr NativeKey text{"text", JsonKind::string};
inline constexpr NativeKey required_text{"text", JsonKind::string, true};
inline constexpr NativeKey negative_text{"negativeText", JsonKind::string};
inline constexpr NativeKey image{"image", JsonKind::string, true};
inline constexpr NativeKey mask_prompt{"maskPrompt", JsonKind::string};
inline constexpr NativeKey mask_image{"maskImage", JsonKind::string};
inline constexpr NativeKey condition_image{"conditionImage", JsonKind::string};
inline constexpr NativeKey control_mode{"controlMode", JsonKind::string};
inline constexpr NativeKey control_strength{"controlStrength", JsonKind::number};
inline constexpr NativeKey out_painting_mode{"outPaintingMode", JsonKind::string};
inline constexpr NativeKey return_mask{"returnMask", JsonKind::boolean};
inline constexpr NativeKey of_image_variation[] = {
    {"images", JsonKind::array, true}, text, negative_text, {"similarityStrength", JsonKind::number}};
inline constexpr NativeKey of_colour_guided_generation[] = {
    required_text, negative_text, {"referenceImage", JsonKind::string}, {"colors", JsonKind::array, true}};
inline constexpr NativeKey of_background_removal[] = {image};

inline constexpr std::string_view control_modes[] = {"CANNY_EDGE", "SEGMENTATION"};
inline constexpr std::string_view out_painting_modes[] = {"DEFAULT", "PRECISE"};
inline constexpr std::string_view qualities[] = {"standard", "premium"};
}  // namespace image_keys

/// Checks beyond the tables, for ImageTask::check.
using ImageTaskCheck = void (*)(const Json& params, std::string_view pointer,
                                std::vector<std::string>& problems);
/// What controls the condition image needs one.
void check_condition(const Json& params, std::string_view pointer, std::vector<std::string>& problems);
/// The list of images holds texts.
void check_images(const Json& params, std::string_view pointer, std::vector<std::string>& problems);
/// Colours are #RRGGBB.
void check_colours(const Json& params, std::string_view pointer, std::vector<std::string>& problems);
/// A mask to be returned is the emulator's own lack: it makes pictures, no masks.
void refuse_return_mask(const Json& params, std::string_view pointer, std::vector<std::string>& problems);

/// One task and what its parameters may be.
struct ImageTask {
    std::string_view type;    ///< TEXT_IMAGE
    std::string_view params;  ///< the member that holds them: textToImageParams
    std::span<const NativeKey> keys;
    std::span<const NativeLimit> limits;
    std::string_view canvas = {};  ///< the image whose size the answer has; empty: there is none
    bool masked = false;           ///< needs one of maskPrompt and maskImage
    bool configured = true;        ///< imageGenerationConfig may stand beside it
    ImageTaskCheck check = nullptr;
};

/// One model of the envelope.
struct ImageGenerator {
    std::string_view name;
    std::span<const ImageTask> tasks;
    std::span<const NativeLimit> config_limits;
    bool resizes_edits;  ///< width and height may stand beside a canvas too, and win
    std::int64_t seed;   ///< the default
    /// Throws ServiceError for a size that cannot be asked for; `pointer` says where.
    void (*check_size)(PixelSize size, std::string_view pointer);
    void (*check_input)(PixelSize size, std::string_view pointer);
};

/// The request in Converse terms: the prompt and the images as one user message, and the member "images".
Json image_request(const ImageGenerator& generator, const Json& body);

/// {"images":[…],"error":null}
std::string image_tasks_body(const Answer& answer, const NativeContext& context);
std::optional<Answer> read_image_tasks_body(const Json& native);

/// The family of one generator.
template <const ImageGenerator& generator>
const Family& image_family() {
    static const Family family{
        generator.name,        [](const Json& body) { return image_request(generator, body); },
        image_tasks_body,      nullptr,
        read_image_tasks_body, Family::Output::images};
    return family;
}

}  // namespace rockwatch::bedrock_runtime
