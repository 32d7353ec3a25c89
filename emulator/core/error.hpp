#pragma once

#include <stdexcept>
#include <string>

#include "core/json.hpp"

namespace rockwatch {

/// An error as AWS would answer it. `code` is the shape's name in the service model (`ResourceNotFound`), or
/// a code that no model knows (`ValidationError`); the gateway finds status and wire form. Made by the named
/// functions of a service's errors.hpp and thrown by their callers.
class ServiceError : public std::runtime_error {
public:
    ServiceError(std::string code, std::string message, Json members = Json::object())
        : std::runtime_error(message.empty() ? code : message),
          code(std::move(code)),
          message(std::move(message)),
          members(std::move(members)) {}

    std::string code;
    std::string message;  ///< empty: AWS sends none
    Json members;         ///< what the error's shape holds beside the message
    int status = 0;       ///< 0: the model's, else 400
};

/// Something that a person gave us is wrong: a rule, an option, a fixture, a control request. Answered as
/// {"error":{"code","message","path"}}, or as one line on standard error.
class InputError : public std::runtime_error {
public:
    InputError(int status, std::string code, const std::string& message, std::string path = {})
        : std::runtime_error(message), status(status), code(std::move(code)), path(std::move(path)) {}

    int status;        ///< 400, 404, 409, ...
    std::string code;  ///< InvalidRule
    std::string path;  ///< JSON pointer to the place at fault: /latency/ms; empty: the whole
};

/// We broke our own promise: answered with 500 and said to the log.
class BrokenPromise : public std::logic_error {
    using std::logic_error::logic_error;
};

inline void ensure(bool condition, const char* promise) {
    if (!condition) throw BrokenPromise(promise);
}

}  // namespace rockwatch
