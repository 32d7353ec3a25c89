#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "fuzz.hpp"
#include "protocol/codec.hpp"
#include "protocol/validate.hpp"

namespace rockwatch::fuzz {

struct Operation {
    const ServiceModel* service = nullptr;
    const OperationModel* operation = nullptr;
};

struct OperationName {
    const char *service, *operation;
};

inline const ModelLibrary& library() {
    static const ModelLibrary models;
    return models;
}

/// The operation that the line names, else one that is chosen by its bytes.
template <std::size_t size>
Operation operation_of(const OperationName (&names)[size], std::string_view line) {
    const OperationName* chosen = nullptr;
    std::size_t sum = 0;
    for (const char letter : line) sum = sum * 31 + static_cast<unsigned char>(letter);
    for (const auto& name : names) {
        if (line == name.operation) chosen = &name;
    }
    if (chosen == nullptr) chosen = &names[sum % size];
    const ServiceModel* service = library().find(chosen->service);
    return {service, service->operation(chosen->operation)};
}

struct Parsed {
    bool is_read = false;
    Json input;
};

/// Reads a request as the road of every call does; a fault has to be a ServiceError of status 4xx.
inline Parsed parse(Protocol protocol, const Operation& of, const HttpRequest& request,
                    std::string_view body) {
    Parsed parsed;
    Ignored ignored;
    try {
        parsed.input = codec_for(protocol).parse(*of.operation, request, body, ignored);
        parsed.is_read = true;
        validate(*of.service, *of.operation, parsed.input);
    } catch (const ServiceError& error) {
        const HttpReply reply = codec_for(protocol).serialise_error(*of.service, request, error, "id");
        promise(reply.status >= 400 && reply.status < 500, "what a client sent is the client's fault");
        for (const auto& [name, value] : reply.headers) {
            promise(value.find_first_of("\r\n") == std::string::npos, "a header of an answer is one line");
        }
    }
    return parsed;
}

}  // namespace rockwatch::fuzz
