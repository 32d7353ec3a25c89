#include "services/sqs/message.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/error.hpp"
#include "core/text.hpp"
#include "services/sqs/errors.hpp"

namespace rockwatch::sqs {

namespace {

constexpr std::size_t attributes_max = 10;
constexpr std::size_t attribute_name_length_max = 256;

constexpr std::array<std::string_view, 10> system_attributes = {"All",
                                                                "SenderId",
                                                                "SentTimestamp",
                                                                "ApproximateReceiveCount",
                                                                "ApproximateFirstReceiveTimestamp",
                                                                "SequenceNumber",
                                                                "MessageDeduplicationId",
                                                                "MessageGroupId",
                                                                "AWSTraceHeader",
                                                                "DeadLetterQueueSourceArn"};

bool is_binary(const Json& attribute) { return text_or_empty(attribute, "DataType").starts_with("Binary"); }

std::string_view bytes_of(const Json& attribute) {
    const auto found = attribute.find("BinaryValue");
    if (found != attribute.end() && found->is_binary()) {
        const auto& bytes = found->get_binary();
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    const auto text = attribute.find("StringValue");
    if (text != attribute.end() && text->is_string()) return text->get_ref<const std::string&>();
    return {};
}

/// A type is one of three, or one of them with a label of the sender's: Number.float
bool is_type(std::string_view type) {
    const auto base = type.substr(0, type.find('.'));
    return type.size() <= 256 && (base == "String" || base == "Number" || base == "Binary");
}

bool is_attribute_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    };
    if (name.empty() || name.size() > attribute_name_length_max ||
        !std::all_of(name.begin(), name.end(), fits))
        return false;
    if (name.front() == '.' || name.back() == '.' || name.find("..") != std::string_view::npos) return false;
    const std::string lower = lower_case(name);
    return !lower.starts_with("aws.") && !lower.starts_with("amazon.");
}

bool is_number(std::string_view text) {
    double value = 0;
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [stop, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    return failed == std::errc{} && stop == text.data() + text.size();
}

void check_attribute(const std::string& name, const Json& attribute) {
    if (!is_attribute_name(name)) {
        throw invalid_parameter(
            fmt::format("Message (user) attribute name '{}' can only include alphanumeric characters, "
                        "hyphens, underscores, "
                        "or dots. It must not start with AWS. or Amazon., nor start or end with a dot, nor "
                        "have successive dots.",
                        name));
    }
    for (const char* reserved : {"StringListValues", "BinaryListValues"}) {
        if (attribute.contains(reserved)) {
            throw ServiceError("UnsupportedOperation",
                               "Message attribute list values in SendMessage operation are not supported.");
        }
    }
    const std::string type = text_or_empty(attribute, "DataType");
    if (!is_type(type)) {
        throw invalid_parameter(
            fmt::format("The message attribute '{}' has an invalid message attribute type, the set of "
                        "supported type prefixes is "
                        "Binary, Number, and String.",
                        name));
    }
    const char* field = is_binary(attribute) ? "BinaryValue" : "StringValue";
    if (!attribute.contains(field) &&
        attribute.contains(is_binary(attribute) ? "StringValue" : "BinaryValue")) {
        throw invalid_parameter(fmt::format("The message attribute '{}' with type '{}' must use field '{}'.",
                                            name, type, is_binary(attribute) ? "Binary" : "String"));
    }
    if (bytes_of(attribute).empty()) {
        throw invalid_parameter(fmt::format(
            "Message (user) attribute '{}' must contain a non-empty value of type '{}'.", name, type));
    }
    if (type.starts_with("Number") && !is_number(bytes_of(attribute))) {
        throw invalid_parameter(
            fmt::format("Can't cast the value of message (user) attribute '{}' to a number.", name));
    }
}

void append_counted(std::string& bytes, std::string_view part) {
    const auto size = static_cast<std::uint32_t>(part.size());
    for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(size >> shift & 0xffU);
    bytes += part;
}

bool asks_for(const std::vector<std::string>& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& asked) {
        if (asked == "All" || asked == ".*" || asked == name) return true;
        return asked.ends_with(".*") && name.starts_with(std::string_view(asked).substr(0, asked.size() - 2));
    });
}

/// The next code point of a UTF-8 text; 0xffffffff when the text is broken.
char32_t next_code_point(std::string_view& text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 0;
    if (length == 0 || text.size() < length) return 0xffffffff;
    char32_t value = length == 1 ? lead : lead & (0xffU >> (length + 1));
    for (std::size_t index = 1; index < length; ++index)
        value = value << 6U | (static_cast<unsigned char>(text[index]) & 0x3fU);
    text.remove_prefix(length);
    return value;
}

bool is_xml_character(char32_t c) {
    return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
           (c >= 0x10000 && c <= 0x10ffff);
}

}  // namespace

std::string md5_hex(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    ensure(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr) == 1,
           "OpenSSL has MD5");
    static constexpr char hex[] = "0123456789abcdef";
    std::string text;
    for (unsigned index = 0; index < size; ++index) {
        text += hex[digest[index] >> 4U];
        text += hex[digest[index] & 0xfU];
    }
    return text;
}

std::optional<std::string> md5_of_attributes(const Json& attributes) {
    if (attributes.empty()) return std::nullopt;
    std::string bytes;
    for (const auto& [name, attribute] : attributes.items()) {  // keys are sorted, as the digest wants them
        append_counted(bytes, name);
        append_counted(bytes, text_or_empty(attribute, "DataType"));
        bytes += is_binary(attribute) ? '\2' : '\1';
        append_counted(bytes, bytes_of(attribute));
    }
    return md5_hex(bytes);
}

void check_attributes(const Json& attributes) {
    if (attributes.size() > attributes_max) {
        throw invalid_parameter(
            fmt::format("Number of message attributes [{}] exceeds the allowed maximum [{}].",
                        attributes.size(), attributes_max));
    }
    for (const auto& [name, attribute] : attributes.items()) check_attribute(name, attribute);
}

void check_body(std::string_view body) {
    if (body.empty()) throw missing_parameter("MessageBody");
    if (!is_utf8(body)) throw invalid_contents();
    while (!body.empty()) {
        if (!is_xml_character(next_code_point(body))) throw invalid_contents();
    }
}

std::size_t message_bytes(std::string_view body, const Json& attributes) {
    std::size_t bytes = body.size();
    for (const auto& [name, attribute] : attributes.items()) {
        bytes += name.size() + text_or_empty(attribute, "DataType").size() + bytes_of(attribute).size();
    }
    return bytes;
}

Json asked_attributes(const Json& attributes, const std::vector<std::string>& names) {
    Json asked = Json::object();
    for (const auto& [name, attribute] : attributes.items()) {
        if (asks_for(names, name)) asked[name] = attribute;
    }
    return asked;
}

bool is_system_attribute(std::string_view name) {
    return std::find(system_attributes.begin(), system_attributes.end(), name) != system_attributes.end();
}

Json asked_system_attributes(const Message& message, const std::vector<std::string>& names) {
    Json all{{"SenderId", message.sender_id},
             {"SentTimestamp", std::to_string(epoch_ms(message.sent))},
             {"ApproximateReceiveCount", std::to_string(message.receive_count)},
             {"ApproximateFirstReceiveTimestamp",
              std::to_string(epoch_ms(message.first_received.value_or(message.sent)))}};
    if (!message.group_id.empty()) all["MessageGroupId"] = message.group_id;
    if (!message.dead_letter_source.empty()) all["DeadLetterQueueSourceArn"] = message.dead_letter_source;
    for (const auto& [name, attribute] : message.system_attributes.items()) all[name] = bytes_of(attribute);

    Json asked = Json::object();
    for (const auto& [name, value] : all.items()) {
        const bool wanted = std::any_of(names.begin(), names.end(),
                                        [&](const auto& want) { return want == "All" || want == name; });
        if (wanted) asked[name] = value;
    }
    return asked;
}

std::string attributes_text(const Json& attributes) {
    Json texts = attributes;
    for (auto& attribute : texts) {
        const auto found = attribute.find("BinaryValue");
        if (found != attribute.end()) *found = base64_encode(bytes_of(attribute));
    }
    return to_text(texts);
}

Json read_attributes(std::string_view text) {
    auto attributes = parse_json(text);
    if (!attributes || !attributes->is_object()) return Json::object();
    for (auto& attribute : *attributes) {
        const auto found = attribute.find("BinaryValue");
        std::string bytes;
        if (found == attribute.end() || !found->is_string() ||
            !base64_decode(found->get<std::string>(), bytes))
            continue;
        *found = Json::binary({bytes.begin(), bytes.end()});
    }
    return std::move(*attributes);
}

}  // namespace rockwatch::sqs
