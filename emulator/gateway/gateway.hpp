#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/random.hpp"
#include "gateway/authenticate.hpp"
#include "gateway/call_figures.hpp"
#include "gateway/journal.hpp"
#include "gateway/verifier.hpp"
#include "protocol/codec.hpp"
#include "protocol/identify.hpp"
#include "protocol/message.hpp"
#include "protocol/model.hpp"
#include "services/service.hpp"
#include "storage/storage.hpp"

namespace rockwatch {

/// The one road of every AWS call: identify → authenticate → parse → validate → operation → serialise, as
/// pipeline.cpp tells it. Thread-safe once every service has been added.
class Gateway : public Handler {
public:
    struct Parts {
        const ModelLibrary& models;
        Storage& storage;
        const Clock& clock;
        Random& random;  ///< request ids
        Journal& journal;
        Authenticator authenticator;
        const Verifier* verifier = nullptr;  ///< none: callers are taken at their word
    };

    explicit Gateway(Parts parts) : parts_(std::move(parts)) {}

    /// The service must outlive the gateway.
    void add(Service& service) { services_.emplace(service.name(), &service); }

    HttpReply answer(HttpRequest& request) override;
    std::optional<HttpReply> turn_away(const HttpRequest& request, int status,
                                       std::string_view message) override;

    /// The same road without a wire, for set-up files, scenarios and tests: validate → operation. An
    /// invocation's plan is played at once. Throws ServiceError as the operation does, InputError when there
    /// is no such operation.
    Json call(std::string_view service, std::string_view operation, const Caller& caller, const Json& input);
    /// What a person wrote for an operation, as `call` takes it: in the form of AWS's JSON, whatever the
    /// service's own protocol, timestamps as texts or epoch seconds and blobs as base64. Throws ServiceError
    /// for a type that does not fit, InputError for a member that there is not, with its place below the
    /// call.
    Json read_input(std::string_view service, std::string_view operation, Json written) const;

    /// Ends every long poll: the emulator stops.
    void stop_waiting() {
        for (const auto& [name, service] : services_) service->stop_waiting();
    }

    /// Services with at least one operation, in the order of the alphabet.
    std::vector<std::string> available() const;

    /// Of the calls that came over the wire.
    const CallFigures& figures() const { return figures_; }

    /// What the README's table is made of. Parses every model.
    struct Coverage {
        std::string service;
        std::vector<std::string> supported;
        std::vector<std::string> refused;  ///< known to the model, answered with 501
    };
    std::vector<Coverage> coverage() const;

private:
    struct Call;

    const OperationModel& operation_model(std::string_view service, std::string_view operation) const;
    std::optional<Access> access_to(const Target& target) const;
    bool is_refused_by_head(const Target& target) const;
    HttpReply answer_call(HttpRequest& request, Call& call);
    void admit(HttpRequest& request, Call& call, std::optional<Verifier::Check>& check);
    HttpReply run(HttpRequest& request, Call& call, Service& service, Access access);
    HttpReply invoke(HttpRequest& request, Call& call, Service& service);
    HttpReply refuse(const HttpRequest& request, Call& call, const ServiceError& error);
    Json perform_polling(Call& call, Service& service, Access access);
    Json perform(Call& call, Service& service, Access access);
    HttpReply play(const HttpRequest& request, Call& call, ReplyPlan plan);
    void note(Call& call, int status);

    Parts parts_;
    CallFigures figures_;
    std::map<std::string, Service*, std::less<>> services_;
};

}  // namespace rockwatch
