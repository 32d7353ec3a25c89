#include "cases.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <stdexcept>

#include "support/catch.hpp"

namespace rockwatch {

namespace {

Json marks_replaced(Json tree) {
    if (tree.is_object() && tree.size() == 1 && tree.contains("$binary")) {
        const std::string bytes = from_hex(tree["$binary"].get<std::string>());
        return Json::binary(std::vector<std::uint8_t>(bytes.begin(), bytes.end()));
    }
    if (tree.is_object() && tree.size() == 1 && tree.contains("$double")) {
        if (tree["$double"] == "NaN") return std::numeric_limits<double>::quiet_NaN();
        const double infinity = std::numeric_limits<double>::infinity();
        return tree["$double"] == "-Infinity" ? -infinity : infinity;
    }
    if (tree.is_structured()) {
        for (auto& part : tree) part = marks_replaced(std::move(part));
    }
    return tree;
}

}  // namespace

std::filesystem::path case_folder() {
    return std::filesystem::path(ROCKWATCH_SOURCE_DIR) / "tests/cases/protocol";
}

std::vector<Json> protocol_cases(std::string_view prefix) {
    const std::filesystem::path wanted = case_folder() / prefix;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(wanted.parent_path())) {
        const std::string name = entry.path().filename().string();
        if (entry.is_regular_file() && name.starts_with(wanted.filename().string()))
            files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) throw std::runtime_error("no case file starts with " + std::string(prefix));
    std::vector<Json> cases;
    for (const auto& file : files) {
        std::ifstream stream(file);
        for (auto& example : Json::parse(stream)) {
            example["name"] = file.stem().string() + ": " + example.at("name").get<std::string>();
            cases.push_back(marks_replaced(std::move(example)));
        }
    }
    return cases;
}

Json comparable(Json tree) {
    if (tree.is_number_float() && std::isnan(tree.get<double>())) return "NaN";
    if (tree.is_structured()) {
        for (auto& part : tree) part = comparable(std::move(part));
    }
    return tree;
}

void check_reply(const HttpReply& reply, const Json& expected) {
    CHECK(reply.status == expected.value("status", 200));
    const Json headers = expected.value("headers", Json::object());
    for (const auto& [name, value] : headers.items()) {
        INFO("header " << name);
        if (value.is_null())
            CHECK(reply.headers.find(name) == nullptr);
        else
            CHECK(std::string(reply.headers.get(name)) == value.get<std::string>());
    }
    if (expected.contains("bodyHex")) CHECK(to_hex(reply.body) == expected["bodyHex"].get<std::string>());
    if (expected.contains("body")) CHECK(reply.body == expected["body"].get<std::string>());
}

ServiceError told_error(const Json& told) {
    ServiceError error(told.at("code"), told.value("message", ""), told.value("members", Json::object()));
    error.status = told.value("status", 0);
    return error;
}

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t index = 0; index + 1 < hex.size(); index += 2) {
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(index, 2)), nullptr, 16));
    }
    return bytes;
}

std::string to_hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string hex;
    for (const char letter : bytes) {
        const auto byte = static_cast<unsigned char>(letter);
        hex += digits[byte >> 4U];
        hex += digits[byte & 15U];
    }
    return hex;
}

SentRequest::SentRequest(const Json& request) {
    http.method = request.value("method", "POST");
    http.target = request.value("target", "/");
    const Json headers = request.value("headers", Json::object());
    if (headers.is_array()) {
        for (const Json& field : headers) http.headers.add(field.at(0), field.at(1));
    } else {
        for (const auto& [name, value] : headers.items()) http.headers.add(name, value.get<std::string>());
    }
    body = request.contains("bodyHex") ? from_hex(request["bodyHex"].get<std::string>())
                                       : request.value("body", "");
}

const ModelLibrary& models() {
    static const ModelLibrary library;
    return library;
}

Protocol protocol_named(const std::string& name) {
    static const std::map<std::string, Protocol> names = {{"rest-json", Protocol::rest_json},
                                                          {"rest-xml", Protocol::rest_xml},
                                                          {"query", Protocol::query},
                                                          {"json", Protocol::json},
                                                          {"cbor", Protocol::cbor},
                                                          {"openai", Protocol::openai}};
    return names.at(name);
}

}  // namespace rockwatch
