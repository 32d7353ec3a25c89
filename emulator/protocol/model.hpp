#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace rockwatch {

enum class ShapeType {
    structure,
    list,
    map,
    string,
    blob,
    boolean,
    integer,
    long_,
    float_,
    double_,
    timestamp
};
/// openai: JSON in OpenAI's envelopes, on the routes of Bedrock that speak as OpenAI does.
enum class Protocol { rest_json, rest_xml, query, json, cbor, openai };

struct Shape;

/// A member of a structure, with where HTTP carries it.
struct Member {
    std::string name;
    const Shape* shape = nullptr;
    std::string location;       ///< "", uri, querystring, header, headers, statusCode
    std::string location_name;  ///< the name in HTTP, XML and forms; the member's when the model gives none
    std::string timestamp_format;  ///< iso8601, unixTimestamp, rfc822; empty: the shape's, else the
                                   ///< protocol's default
    std::string xml_namespace;     ///< of the element that is a payload
    bool required = false;
    bool flattened = false;
    bool xml_attribute = false;
    bool event_payload = false;
    bool streaming = false;
    bool json_text = false;  ///< header: holds JSON text, shaped by `shape`
};

/// A pattern of the model as RE2 reads it; made on first use. Java's patterns that RE2 cannot take match
/// anything.
class Pattern;

/// A type of the service model. Shapes may recurse; they live as long as their ServiceModel.
struct Shape {
    Shape();
    ~Shape();
    Shape(const Shape&) = delete;
    Shape& operator=(const Shape&) = delete;

    std::string name;
    ShapeType type = ShapeType::structure;
    std::vector<Member> members;        ///< structure, in the model's order
    std::vector<std::string> required;  ///< structure
    std::string payload;                ///< structure: the member that is the HTTP body
    bool is_union = false;
    bool is_event_stream = false;
    bool is_exception = false;
    bool is_document = false;             ///< structure that holds any JSON
    bool is_sensitive = false;            ///< error texts leave its value out
    const Shape* element = nullptr;       ///< list member or map value
    const Shape* key = nullptr;           ///< map
    std::string element_name = "member";  ///< list: XML and query name of an element
    std::string key_name = "key";         ///< map
    std::string value_name = "value";     ///< map
    bool flattened = false;
    std::string timestamp_format;
    std::optional<double> min;  ///< value, length or count
    std::optional<double> max;
    std::string pattern;
    std::vector<std::string> enum_values;
    int error_status = 0;         ///< exception
    std::string error_code;       ///< exception: the query protocol's code, when it differs from the name
    std::string error_namespace;  ///< exception: before # in __type, when it differs from the service's
    int query_status = 0;         ///< exception: the query protocol's status, when it differs
    bool sender_fault = true;     ///< exception

    /// Nothing beneath needs a form of its own on the wire: no blob, timestamp or document.
    bool is_plain = false;
    /// Something in it or beneath is constrained: validate() has work.
    bool is_constrained = false;

    const Member* member(std::string_view name) const;
    /// The compiled pattern; nullptr when there is none or RE2 cannot take it. Thread-safe.
    const Pattern* compiled_pattern() const;

private:
    friend class ModelReader;
    std::vector<std::uint16_t> by_name_;  ///< indices of `members`, sorted by name
    struct CompiledPattern;
    std::unique_ptr<CompiledPattern> compiled_;
};

/// A part of http_uri between slashes.
struct UriSegment {
    std::string text;  ///< as written, or the label's name
    bool is_label = false;
    bool is_greedy = false;  ///< takes the rest of the path, slashes included
};

/// Words for findings of validate().
enum class ValidationForm {
    coral,      ///< 1 validation error detected: Value '…' at '…' failed to satisfy constraint: …
    parameter,  ///< The parameter X is required.
    queue,      ///< SQS: The request must contain the parameter X.
    object,     ///< S3: MalformedXML for the body, the style's code for the rest
};

/// How a service words what breaks its model (facts: logs.md 0.1, cloudwatch.md 1.3, bedrock.md 1.7).
struct ValidationStyle {
    std::string code;          ///< InvalidParameterException, ValidationException, ValidationError, ...
    std::string missing_code;  ///< MissingParameter, where missing members have a code of their own
    ValidationForm form = ValidationForm::coral;
    std::vector<std::string> names;  ///< members of the input that hold names
    std::string long_name_message;   ///< all that is said when one of them is too long
};

struct OperationModel {
    std::string name;
    std::string http_method;
    std::string http_uri;  ///< /model/{modelId}/converse, with {Key+} greedy
    int success_status = 200;
    const Shape* input = nullptr;   ///< nullptr: none
    const Shape* output = nullptr;  ///< nullptr: none
    std::string result_wrapper;     ///< query: PutMetricDataResult; S3: the root element of the answer
    std::vector<const Shape*> errors;
    const Member* event_stream = nullptr;       ///< the output's event stream member
    std::optional<ValidationStyle> validation;  ///< where it differs from the service's
    std::optional<Protocol> protocol;           ///< where it differs from the service's
    std::optional<std::size_t> body_max;  ///< bytes of a body, inflated, where that is less than --max-body

    std::vector<UriSegment> path;                                     ///< http_uri, taken apart
    std::vector<std::pair<std::string, std::string>> query_literals;  ///< ?policy, ?list-type=2
    /// Query and header names without which the request means another operation of the same URI.
    std::vector<std::string> telling_queries;
    std::vector<std::string> telling_headers;
};

/// A service, read from models/<name>.json. Immutable and shared.
class ServiceModel {
public:
    /// Throws std::runtime_error when the text is not a model.
    ServiceModel(std::string name, std::string_view text);
    ServiceModel(const ServiceModel&) = delete;
    ServiceModel& operator=(const ServiceModel&) = delete;

    std::string name;             ///< logs, cloudwatch, bedrock-runtime, ... (the models/ file's name)
    std::string signing_name;     ///< logs, monitoring, bedrock
    std::string endpoint_prefix;  ///< logs, monitoring, bedrock-runtime: the first label of AWS's host
    std::string target_prefix;    ///< Logs_20140328
    std::string json_version;     ///< 1.0, 1.1
    std::string api_version;      ///< 2010-08-01
    std::string xml_namespace;
    std::string error_namespace;      ///< before # in __type; empty: the bare name
    std::string error_type_suffix;    ///< after the name in x-amzn-ErrorType
    std::vector<Protocol> protocols;  ///< all the service answers
    bool query_compatible = false;
    ValidationStyle validation;

    const OperationModel* operation(std::string_view wanted) const;
    const std::map<std::string, OperationModel, std::less<>>& operations() const { return operations_; }
    const Shape* shape(std::string_view wanted) const;
    const std::map<std::string, std::unique_ptr<Shape>, std::less<>>& shapes() const { return shapes_; }
    /// The exception of that shape name, else of that query code; nullptr when the model knows neither.
    const Shape* error(std::string_view code) const;
    bool speaks(Protocol protocol) const;
    /// The operations of an HTTP method.
    const std::vector<const OperationModel*>& routes(std::string_view method) const;

private:
    friend class ModelReader;
    std::map<std::string, std::unique_ptr<Shape>, std::less<>> shapes_;
    std::map<std::string, OperationModel, std::less<>> operations_;
    std::map<std::string, std::vector<const OperationModel*>, std::less<>> routes_;
};

/// By what requests name a service; known without parsing its model.
struct ServiceAddress {
    std::string name;             ///< bedrock-runtime
    std::string signing_name;     ///< bedrock
    std::string endpoint_prefix;  ///< bedrock-runtime
    std::string target_prefix;    ///< Logs_20140328; empty: none
    std::string api_version;
    std::vector<Protocol> protocols;

    bool speaks(Protocol protocol) const;
};

/// The service models in the binary. Each is parsed on its first use. Thread-safe.
class ModelLibrary {
public:
    ModelLibrary();
    ~ModelLibrary();

    /// nullptr when there is no such service.
    const ServiceModel* find(std::string_view name) const;
    /// In the order of the alphabet.
    std::vector<std::string> names() const;
    const std::vector<ServiceAddress>& addresses() const { return addresses_; }

private:
    struct Entry;
    std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
    std::vector<ServiceAddress> addresses_;
};

}  // namespace rockwatch
