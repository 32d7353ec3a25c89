#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"

namespace rockwatch {

enum class ShapeType { structure, list, map, string, blob, boolean, integer, long_, float_, double_, timestamp };
enum class Protocol { rest_json, rest_xml, query, json, cbor };

struct Shape;

/// A member of a structure, with where HTTP carries it.
struct Member {
    std::string name;
    const Shape* shape = nullptr;
    std::string location;       ///< "", uri, querystring, header, headers, statusCode
    std::string location_name;  ///< the wire's name; the member's when the model gives none
    std::string timestamp_format;  ///< iso8601, unixTimestamp, rfc822; empty: the protocol's default
    bool flattened = false;
    bool xml_attribute = false;
    bool event_payload = false;
    bool streaming = false;
};

/// A type of the service model. Shapes may recurse; they live as long as their ServiceModel.
struct Shape {
    std::string name;
    ShapeType type = ShapeType::structure;
    std::vector<Member> members;          ///< structure, in the model's order
    std::vector<std::string> required;    ///< structure
    std::string payload;                  ///< structure: the member that is the HTTP body
    bool is_union = false;
    bool is_event_stream = false;
    bool is_exception = false;
    bool is_document = false;             ///< structure that holds any JSON
    const Shape* element = nullptr;       ///< list member or map value
    const Shape* key = nullptr;           ///< map
    std::string element_name = "member";  ///< list: XML and query name of an element
    std::string key_name = "key";         ///< map
    std::string value_name = "value";     ///< map
    bool flattened = false;
    std::string timestamp_format;
    std::optional<double> min;            ///< value, length or count
    std::optional<double> max;
    std::string pattern;
    std::vector<std::string> enum_values;
    int error_status = 0;                 ///< exception
    std::string error_code;               ///< exception: the query protocol's code, when it differs from the name
    bool sender_fault = true;             ///< exception

    const Member* member(std::string_view name) const;
};

struct OperationModel {
    std::string name;
    std::string http_method;
    std::string http_uri;  ///< /model/{modelId}/converse, with {Key+} greedy
    int success_status = 200;
    const Shape* input = nullptr;   ///< nullptr: none
    const Shape* output = nullptr;  ///< nullptr: none
    std::string result_wrapper;     ///< query: PutMetricDataResult
    std::vector<const Shape*> errors;
    const Member* event_stream = nullptr;  ///< the output's event stream member
};

/// How a service words what breaks its model (facts: logs.md 0.1, cloudwatch.md 1.3, bedrock.md 1.7).
struct ValidationStyle {
    std::string code;  ///< InvalidParameterException, ValidationException, ValidationError, ...
};

/// A service, read from models/<name>.json. Immutable and shared.
class ServiceModel {
public:
    /// Throws std::runtime_error when the text is not a model.
    ServiceModel(std::string name, std::string_view text);
    ServiceModel(const ServiceModel&) = delete;
    ServiceModel& operator=(const ServiceModel&) = delete;

    std::string name;          ///< logs, cloudwatch, bedrock-runtime, ... (the models/ file's name)
    std::string signing_name;  ///< logs, monitoring, bedrock
    std::string target_prefix; ///< Logs_20140328
    std::string json_version;  ///< 1.0, 1.1
    std::string api_version;   ///< 2010-08-01
    std::string xml_namespace;
    std::vector<Protocol> protocols;  ///< all the service answers
    bool query_compatible = false;
    ValidationStyle validation;

    const OperationModel* operation(std::string_view name) const;
    const std::map<std::string, OperationModel, std::less<>>& operations() const { return operations_; }
    const Shape* shape(std::string_view name) const;

private:
    std::map<std::string, std::unique_ptr<Shape>, std::less<>> shapes_;
    std::map<std::string, OperationModel, std::less<>> operations_;
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

private:
    struct Entry;
    std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
};

}  // namespace rockwatch
