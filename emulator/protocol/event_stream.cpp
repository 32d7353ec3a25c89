#include "protocol/event_stream.hpp"

#include <zlib.h>

#include <cstdint>

#include "core/text.hpp"
#include "protocol/model.hpp"

namespace rockwatch {

namespace {

constexpr std::size_t frame_bytes_beside_content = 16;
constexpr char string_type = 7;

void add_number(std::string& bytes, std::uint32_t number) {
    for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(number >> shift & 0xffU);
}

std::uint32_t checksum(std::string_view bytes) {
    return static_cast<std::uint32_t>(
        crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

void add_header(std::string& headers, std::string_view name, std::string_view value) {
    constexpr std::size_t value_bytes_max = 32767;
    value = utf8_prefix(value, value_bytes_max);
    headers += static_cast<char>(name.size());
    headers += name;
    headers += string_type;
    headers += static_cast<char>(value.size() >> 8U);
    headers += static_cast<char>(value.size() & 0xffU);
    headers += value;
}

std::string frame(std::string_view headers, std::string_view payload) {
    const std::size_t size = frame_bytes_beside_content + headers.size() + payload.size();
    std::string bytes;
    bytes.reserve(size);
    add_number(bytes, static_cast<std::uint32_t>(size));
    add_number(bytes, static_cast<std::uint32_t>(headers.size()));
    add_number(bytes, checksum(bytes));
    bytes += headers;
    bytes += payload;
    add_number(bytes, checksum(bytes));
    return bytes;
}

std::string json_frame(std::string_view type_header, std::string_view type, std::string_view message_type,
                       std::string_view payload) {
    std::string headers;
    add_header(headers, type_header, type);
    add_header(headers, ":content-type", "application/json");
    add_header(headers, ":message-type", message_type);
    return frame(headers, payload);
}

}  // namespace

bool takes_event_stream(const OperationModel& operation) {
    if (operation.input == nullptr || operation.input->payload.empty()) return false;
    const Member* payload = operation.input->member(operation.input->payload);
    return payload != nullptr && payload->shape->is_event_stream;
}

std::string event_frame(std::string_view event_type, std::string_view payload) {
    return json_frame(":event-type", event_type, "event", payload);
}

std::string exception_frame(std::string_view exception_type, std::string_view payload) {
    return json_frame(":exception-type", exception_type, "exception", payload);
}

std::string error_frame(std::string_view error_code, std::string_view error_message) {
    std::string headers;
    add_header(headers, ":message-type", "error");
    add_header(headers, ":error-code", error_code);
    add_header(headers, ":error-message", error_message);
    return frame(headers, {});
}

}  // namespace rockwatch
