#include <algorithm>

#include "protocol/codecs.hpp"
#include "protocol/json_values.hpp"
#include "protocol/rest_bindings.hpp"

namespace rockwatch {

namespace {

constexpr std::string_view code = "SerializationException";
/// Behind the names of errors that come from AWS's front door and not from the service (facts:
/// bedrock.md 1.6).
constexpr std::string_view front_door_suffix = ":http://internal.amazon.com/coral/com.amazon.coral.service/";

/// restJson1: Bedrock and its runtime.
class RestJsonCodec : public Codec {
public:
    Json parse(const OperationModel& operation, const HttpRequest& request, std::string_view body,
               Ignored& ignored) const override {
        Json input = read_bindings({operation, request, request.path(), code}, ignored);
        if (operation.input == nullptr) return input;
        const Shape& shape = *operation.input;
        const Place place("input");
        if (const Member* payload = payload_of(shape)) {
            read_payload(*payload, body, Place(place, payload->name), input, ignored);
        } else if (has_body_members(shape)) {
            Json members = parse_json_body(body);
            body_from_wire(shape, members, place, ignored);
            if (input.empty()) return members;
            for (auto member = members.begin(); member != members.end(); ++member) {
                input[member.key()] = std::move(*member);
            }
        }
        return input;
    }

    HttpReply serialise(const ServiceModel& /*service*/, const OperationModel& operation, const Json& output,
                        std::string_view request_id) const override {
        HttpReply reply;
        reply.headers.add("x-amzn-RequestId", std::string(request_id));
        reply.headers.add("Content-Type", "application/json");
        const Json& tree = object_or_empty(output);
        write_bindings(operation, tree, reply);
        if (operation.output == nullptr) {
            reply.body = "{}";
            return reply;
        }
        const Shape& shape = *operation.output;
        if (const Member* payload = payload_of(shape)) {
            write_payload(*payload, tree, reply);
        } else {
            const bool is_all_body =
                std::all_of(shape.members.begin(), shape.members.end(),
                            [](const Member& member) { return member.location.empty(); });
            write_json(reply.body, &shape, is_all_body ? tree : body_members(shape, tree));
        }
        return reply;
    }

    HttpReply serialise_error(const ServiceModel& service, const HttpRequest& /*request*/,
                              const ServiceError& error, std::string_view request_id) const override {
        const ErrorFacts facts = facts_of(service, error, Protocol::rest_json, false);
        HttpReply reply;
        reply.status = facts.status;
        reply.headers.add("x-amzn-RequestId", std::string(request_id));
        reply.headers.add("Content-Type", "application/json");
        const std::string_view suffix =
            facts.shape == nullptr ? front_door_suffix : service.error_type_suffix;
        reply.headers.add("x-amzn-ErrorType", facts.shape_name + std::string(suffix));
        write_json(reply.body, facts.shape, error_body(facts, error));
        return reply;
    }

private:
    static void read_payload(const Member& payload, std::string_view body, const Place& place, Json& input,
                             Ignored& ignored) {
        if (payload.shape->is_event_stream) return;
        if (payload.shape->type == ShapeType::blob) {
            input[payload.name] = binary_of(body);
        } else if (payload.shape->type == ShapeType::string) {
            input[payload.name] = scalar_from_text(*payload.shape, body, place, code);
        } else if (!body.empty()) {
            Json value = parse_json_body(body);
            from_wire(*payload.shape, value, place, ignored);
            input[payload.name] = std::move(value);
        }
    }

    static void write_payload(const Member& payload, const Json& tree, HttpReply& reply) {
        const auto value = tree.find(payload.name);
        if (value == tree.end() || value->is_null()) return;
        const bool is_raw =
            payload.shape->type == ShapeType::blob || payload.shape->type == ShapeType::string;
        if (is_raw) {
            reply.body = std::string(bytes_of(*value));
        } else {
            write_json(reply.body, payload.shape, *value);
        }
    }
};

}  // namespace

const Codec& rest_json_codec() {
    static const RestJsonCodec codec;
    return codec;
}

}  // namespace rockwatch
