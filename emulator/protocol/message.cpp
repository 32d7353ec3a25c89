#include "protocol/message.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "core/text.hpp"

namespace rockwatch {

void Headers::set(std::string_view name, std::string value) {
    remove(name);
    add(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
    std::erase_if(fields_, [&](const Field& field) { return equal_ignoring_case(field.first, name); });
}

const std::string* Headers::find(std::string_view name) const {
    const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) {
        return equal_ignoring_case(field.first, name);
    });
    return found == fields_.end() ? nullptr : &found->second;
}

std::string_view Headers::get(std::string_view name) const {
    const std::string* value = find(name);
    return value == nullptr ? std::string_view{} : std::string_view(*value);
}

std::size_t TextBody::read(char* buffer, std::size_t size) {
    const std::size_t count = std::min(size, text_.size() - at_);
    std::memcpy(buffer, text_.data() + at_, count);
    if (tap_) tap_({buffer, count});
    at_ += count;
    return count;
}

std::string_view HttpRequest::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view HttpRequest::query() const {
    const auto mark = target.find('?');
    return mark == std::string::npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

std::string_view HttpRequest::media_type() const {
    const std::string_view type = headers.get("Content-Type");
    return trim(type.substr(0, type.find(';')));
}

std::string HttpRequest::read_body() const {
    std::string text;
    char buffer[16384];
    while (const std::size_t count = body->read(buffer, sizeof buffer)) text.append(buffer, count);
    return text;
}

Milliseconds monotonic() {
    return std::chrono::floor<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace rockwatch
