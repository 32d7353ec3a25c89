#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "services/bedrock_runtime/answer.hpp"
#include "services/bedrock_runtime/image_header.hpp"

/// Answers of image models: blocks of images in base64.
namespace rockwatch::bedrock_runtime {

/// What a request says of the images it wants, as the member "images" of the Converse terms holds it.
struct WantedImages {
    std::int64_t count = 1;
    PixelSize size;
    std::int64_t seed = 0;
    std::string_view format = "png";
    bool see_through = false;
};
Json images_member(const WantedImages& wanted);

/// The default answer: real PNGs of the size that was asked for, each other than the next; they depend on
/// prompt, seed and index alone. Throws ServiceError NotImplemented for formats that the emulator cannot
/// make.
std::vector<Block> drawn_images(std::string_view prompt, const Json& images);

/// An image block around base64.
Block image_block(std::string base64);
/// The base64 of an image block; empty for one in S3.
std::string_view image_base64(const Block& block);
/// ["…","…"]
void append_images(std::string& out, const Answer& answer);
std::int64_t image_count(const Answer& answer);
/// The size of the first image, by its own header; zero by zero when there is none that can be read.
PixelSize image_size(const Answer& answer);

/// The images of a native answer's list member; nullopt when it has none.
std::optional<Answer> read_images(const Json& native);

}  // namespace rockwatch::bedrock_runtime
