#include "services/bedrock_runtime/image_tasks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/conversation.hpp"
#include "services/bedrock_runtime/errors.hpp"
#include "services/bedrock_runtime/image_answer.hpp"
#include "services/bedrock_runtime/image_input.hpp"
#include "services/bedrock_runtime/json_writer.hpp"
#include "services/bedrock_runtime/native_parts.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using rules::member;
using rules::text_member;

constexpr std::string_view config_name = "imageGenerationConfig";
constexpr std::array<NativeKey, 4> config_keys = {{{"numberOfImages", JsonKind::integer},
                                                   {"quality", JsonKind::string},
                                                   {"cfgScale", JsonKind::number},
                                                   {"seed", JsonKind::integer}}};
constexpr std::array<NativeKey, 6> sized_config_keys = {{config_keys[0],
                                                         config_keys[1],
                                                         config_keys[2],
                                                         config_keys[3],
                                                         {"width", JsonKind::integer},
                                                         {"height", JsonKind::integer}}};
constexpr std::array<std::string_view, 2> masks = {"maskPrompt", "maskImage"};
constexpr std::array<std::string_view, 5> image_members = {"image", "maskImage", "conditionImage",
                                                           "referenceImage", "sourceImage"};

// What the documented error of moderation says (Nova user guide, image-gen-errors).
constexpr std::string_view all_blocked =
    "All of the generated images have been blocked by our content filters.";
constexpr std::string_view some_blocked =
    "Some of the generated images have been blocked by our content filters.";

const ImageTask& task_of(const ImageGenerator& generator, const Json& body) {
    std::vector<std::string_view> types;
    for (const ImageTask& task : generator.tasks) types.push_back(task.type);
    const std::string_view type = deciding_word(body, {.name = "taskType", .words = types});
    return *std::find_if(generator.tasks.begin(), generator.tasks.end(),
                         [&](const ImageTask& task) { return task.type == type; });
}

void check_task(const ImageGenerator& generator, const ImageTask& task, const Json& body) {
    std::vector<NativeKey> keys = {{"taskType", JsonKind::string, true},
                                   {task.params, JsonKind::object, true}};
    if (task.configured) keys.push_back({config_name, JsonKind::object});
    std::vector<std::string> problems;
    check_keys(body, "#", keys, problems);
    check_member(body, "#", {task.params, {task.keys, task.limits}}, problems);
    const bool sized = task.canvas.empty() || generator.resizes_edits;
    const std::span<const NativeKey> config =
        sized ? std::span<const NativeKey>(sized_config_keys) : std::span<const NativeKey>(config_keys);
    if (task.configured) check_member(body, "#", {config_name, {config, generator.config_limits}}, problems);
    throw_problems(problems);
    const Json& params = *member(body, task.params);
    const std::string pointer = fmt::format("#/{}", task.params);
    if (task.masked) check_one_of(params, pointer, masks, problems);
    if (task.check != nullptr) task.check(params, pointer, problems);
    throw_problems(problems);
}

/// The content blocks of the task: its text, and a block for each image.
class Content {
public:
    Content(const ImageGenerator& generator, const Json& params, std::string pointer)
        : generator_(generator), pointer_(std::move(pointer)) {
        const std::string_view text = text_member(params, "text");
        if (!text.empty()) blocks_.push_back({{"text", text}});
        for (const std::string_view name : image_members) {
            if (const Json* image = member(params, name)) add(*image, fmt::format("{}/{}", pointer_, name));
        }
        const Json& images = rules::elements(params, "images");
        for (std::size_t index = 0; index < images.size(); ++index)
            add(images[index], fmt::format("{}/images/{}", pointer_, index));
        if (const Json* mask = member(params, "imageBasedMask")) {
            if (const Json* image = member(*mask, "maskImage"))
                add(*image, pointer_ + "/imageBasedMask/maskImage");
        }
    }

    Json take() { return std::move(blocks_); }

private:
    void add(const Json& image, const std::string& pointer) {
        const auto header = input_header(
            {.base64 = image.get_ref<const std::string&>(), .pointer = pointer, .formats = png_and_jpeg});
        generator_.check_input(header.size, pointer);
        blocks_.push_back({{"image", Json::object()}});
    }

    const ImageGenerator& generator_;
    std::string pointer_;
    Json blocks_ = Json::array();
};

PixelSize canvas_size(const ImageTask& task, const Json& body) {
    return input_header({.base64 = text_member(*member(body, task.params), task.canvas),
                         .pointer = fmt::format("#/{}/{}", task.params, task.canvas),
                         .formats = png_and_jpeg})
        .size;
}

/// A side that the configuration does not say is the canvas's. Chosen: 1024 where there is no canvas; Titan's
/// page says 1408, which its own list of sizes lacks.
PixelSize size_of(const ImageGenerator& generator, const ImageTask& task, const Json& body,
                  const Json& config) {
    constexpr PixelSize usual{.width = 1024, .height = 1024};
    const PixelSize unsaid = task.canvas.empty() ? usual : canvas_size(task, body);
    const bool said = member(config, "width") != nullptr || member(config, "height") != nullptr;
    if (!said) return unsaid;
    const PixelSize size{.width = value_or<std::int64_t>(config, "width", unsaid.width),
                         .height = value_or<std::int64_t>(config, "height", unsaid.height)};
    generator.check_size(size, fmt::format("#/{}", config_name));
    return size;
}

bool is_colour(std::string_view text) {
    constexpr std::size_t letters = 7;  // #RRGGBB
    return text.size() == letters && text.front() == '#' &&
           text.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

}  // namespace

void check_condition(const Json& params, std::string_view pointer, std::vector<std::string>& problems) {
    const bool controlled =
        member(params, "controlMode") != nullptr || member(params, "controlStrength") != nullptr;
    if (controlled && member(params, "conditionImage") == nullptr)
        problems.push_back(fmt::format("{}: required key [conditionImage] not found", pointer));
}

void check_images(const Json& params, std::string_view pointer, std::vector<std::string>& problems) {
    check_texts(params, pointer, {{.name = "images"}}, problems);
}

void check_colours(const Json& params, std::string_view pointer, std::vector<std::string>& problems) {
    check_texts(params, pointer, {{.name = "colors"}}, problems);
    const Json& colours = rules::elements(params, "colors");
    for (std::size_t index = 0; index < colours.size(); ++index) {
        if (!colours[index].is_string() || is_colour(colours[index].get_ref<const std::string&>())) continue;
        problems.push_back(fmt::format("{}/colors/{}: string [{}] does not match pattern ^#[0-9a-fA-F]{{6}}$",
                                       pointer, index, colours[index].get_ref<const std::string&>()));
    }
}

void refuse_return_mask(const Json& params, std::string_view pointer, std::vector<std::string>& problems) {
    if (problems.empty() && value_or<bool>(params, "returnMask", false))
        throw not_supported(fmt::format("{}/returnMask is not supported yet by the emulator.", pointer));
}

Json image_request(const ImageGenerator& generator, const Json& body) {
    const ImageTask& task = task_of(generator, body);
    check_task(generator, task, body);
    const Json& params = *member(body, task.params);
    Json content = Content(generator, params, fmt::format("#/{}", task.params)).take();
    const Json* given = member(body, config_name);
    const Json config = given == nullptr ? Json::object() : *given;
    const WantedImages wanted{.count = value_or<std::int64_t>(config, "numberOfImages", 1),
                              .size = size_of(generator, task, body, config),
                              .seed = value_or<std::int64_t>(config, "seed", generator.seed),
                              .see_through = !task.configured};
    Json converse = one_user_message(std::move(content));
    converse["images"] = images_member(wanted);
    return converse;
}

std::string image_tasks_body(const Answer& answer, const NativeContext&) {
    std::string out = R"({"images":)";
    append_images(out, answer);
    out += R"(,"error":)";
    const bool blocked = answer.stop_reason == "content_filtered";
    out += blocked ? json_string(answer.blocks.empty() ? all_blocked : some_blocked) : "null";
    out += '}';
    return out;
}

std::optional<Answer> read_image_tasks_body(const Json& native) {
    auto answer = read_images(native);
    const bool blocked = !text_member(native, "error").empty();
    if (!answer && blocked) answer.emplace();
    if (blocked) answer->stop_reason = "content_filtered";
    return answer;
}

}  // namespace rockwatch::bedrock_runtime
