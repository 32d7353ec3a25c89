#include "protocol/model.hpp"

#include <algorithm>
#include <mutex>
#include <numeric>
#include <span>
#include <stdexcept>

#include "core/embedded.hpp"
#include "core/text.hpp"
#include "protocol/pattern.hpp"

namespace rockwatch {

std::span<const EmbeddedFile> service_model_files();

struct Shape::CompiledPattern {
    std::once_flag once;
    std::unique_ptr<Pattern> pattern;
};

Shape::Shape() = default;
Shape::~Shape() = default;

const Member* Shape::member(std::string_view name) const {
    const auto found = std::lower_bound(
        by_name_.begin(), by_name_.end(), name,
        [&](std::uint16_t index, std::string_view wanted) { return members[index].name < wanted; });
    return found != by_name_.end() && members[*found].name == name ? &members[*found] : nullptr;
}

const Pattern* Shape::compiled_pattern() const {
    if (compiled_ == nullptr) return nullptr;
    std::call_once(compiled_->once, [&] { compiled_->pattern = Pattern::compile(pattern); });
    return compiled_->pattern.get();
}

namespace {

const std::map<std::string_view, ShapeType> shape_types = {
    {"structure", ShapeType::structure}, {"list", ShapeType::list},          {"map", ShapeType::map},
    {"string", ShapeType::string},       {"blob", ShapeType::blob},          {"boolean", ShapeType::boolean},
    {"integer", ShapeType::integer},     {"long", ShapeType::long_},         {"float", ShapeType::float_},
    {"double", ShapeType::double_},      {"timestamp", ShapeType::timestamp}};

const std::map<std::string_view, Protocol> protocol_names = {
    {"rest-json", Protocol::rest_json}, {"rest-xml", Protocol::rest_xml}, {"query", Protocol::query},
    {"json", Protocol::json},           {"cbor", Protocol::cbor},         {"openai", Protocol::openai}};

const std::map<std::string_view, ValidationForm> validation_forms = {{"coral", ValidationForm::coral},
                                                                     {"parameter", ValidationForm::parameter},
                                                                     {"queue", ValidationForm::queue},
                                                                     {"object", ValidationForm::object}};

std::string text_of(const OrderedJson& object, const char* key, std::string fallback = {}) {
    const auto found = object.find(key);
    return found == object.end() ? std::move(fallback) : found->get<std::string>();
}

bool flag_of(const OrderedJson& object, const char* key) { return object.contains(key); }

ValidationStyle validation_of(const OrderedJson& row) {
    ValidationStyle style{.code = row.at("code").get<std::string>(),
                          .missing_code = text_of(row, "missingCode"),
                          .form = validation_forms.at(row.at("form").get_ref<const std::string&>())};
    if (const auto names = row.find("longNames"); names != row.end()) {
        style.names = names->at("members").get<std::vector<std::string>>();
        style.long_name_message = names->at("message").get<std::string>();
    }
    return style;
}

void take_uri_apart(OperationModel& operation) {
    const std::string_view uri = operation.http_uri;
    const auto mark = uri.find('?');
    std::string_view path = uri.substr(0, mark);
    if (path.starts_with('/')) path.remove_prefix(1);
    if (!path.empty()) {
        for (std::string_view part : split(path, '/')) {
            UriSegment segment;
            segment.is_label = part.starts_with('{');
            if (segment.is_label) {
                part = part.substr(1, part.size() - 2);
                segment.is_greedy = part.ends_with('+');
                if (segment.is_greedy) part.remove_suffix(1);
            }
            segment.text = std::string(part);
            operation.path.push_back(std::move(segment));
        }
    }
    if (mark == std::string_view::npos) return;
    for (const std::string_view literal : split(uri.substr(mark + 1), '&')) {
        const auto equals = literal.find('=');
        operation.query_literals.emplace_back(
            literal.substr(0, equals), equals == std::string_view::npos ? "" : literal.substr(equals + 1));
    }
}

}  // namespace

/// Fills a ServiceModel from the text of models/<name>.json.
class ModelReader {
public:
    ModelReader(ServiceModel& model, std::string_view text)
        : model_(model), document_(OrderedJson::parse(text)) {}

    void read() {
        read_service();
        for (const auto& [name, row] : document_.at("shapes").items()) {
            auto shape = std::make_unique<Shape>();
            shape->name = name;
            model_.shapes_.emplace(name, std::move(shape));
        }
        for (const auto& [name, row] : document_.at("shapes").items()) read_shape(*shape(name), row);
        spread_traits();
        for (const auto& [name, row] : document_.at("operations").items()) read_operation(name, row);
        find_telling_parameters();
        for (const auto& [name, operation] : model_.operations_) {
            model_.routes_[operation.http_method].push_back(&operation);
        }
    }

private:
    Shape* shape(std::string_view name) {
        const auto found = model_.shapes_.find(name);
        if (found == model_.shapes_.end())
            throw std::runtime_error("no shape of the name " + std::string(name));
        return found->second.get();
    }

    void read_service() {
        model_.signing_name = text_of(document_, "signingName");
        model_.endpoint_prefix = text_of(document_, "endpointPrefix");
        model_.target_prefix = text_of(document_, "targetPrefix");
        model_.json_version = text_of(document_, "jsonVersion");
        model_.api_version = text_of(document_, "apiVersion");
        model_.xml_namespace = text_of(document_, "xmlNamespace");
        model_.error_namespace = text_of(document_, "errorNamespace");
        model_.error_type_suffix = text_of(document_, "errorTypeSuffix");
        model_.query_compatible = flag_of(document_, "queryCompatible");
        model_.validation = validation_of(document_.at("validation"));
        for (const auto& protocol : document_.at("protocols")) {
            model_.protocols.push_back(protocol_names.at(protocol.get_ref<const std::string&>()));
        }
    }

    Member read_member(const std::string& name, const OrderedJson& row) {
        Member member;
        member.name = name;
        member.location_name = name;
        if (row.is_string()) {
            member.shape = shape(row.get_ref<const std::string&>());
            return member;
        }
        member.shape = shape(row.at("shape").get_ref<const std::string&>());
        member.location = text_of(row, "location");
        member.location_name = text_of(row, "name", name);
        member.timestamp_format = text_of(row, "timestampFormat");
        member.xml_namespace = text_of(row, "xmlNamespace");
        member.flattened = flag_of(row, "flattened");
        member.xml_attribute = flag_of(row, "xmlAttribute");
        member.event_payload = flag_of(row, "eventPayload");
        member.streaming = flag_of(row, "streaming");
        member.json_text = flag_of(row, "json");
        return member;
    }

    void read_structure(Shape& shape, const OrderedJson& row) {
        const auto& members = row.at("members");
        shape.members.reserve(members.size());
        for (const auto& [name, member] : members.items()) shape.members.push_back(read_member(name, member));
        shape.by_name_.resize(members.size());
        std::iota(shape.by_name_.begin(), shape.by_name_.end(), std::uint16_t{0});
        std::sort(shape.by_name_.begin(), shape.by_name_.end(),
                  [&](auto a, auto b) { return shape.members[a].name < shape.members[b].name; });
        const auto required = row.find("required");
        if (required != row.end()) shape.required = required->get<std::vector<std::string>>();
        for (auto& member : shape.members) {
            member.required = std::count(shape.required.begin(), shape.required.end(), member.name) > 0;
        }
        shape.payload = text_of(row, "payload");
        shape.is_union = flag_of(row, "union");
        shape.is_event_stream = flag_of(row, "eventStream");
        shape.is_document = flag_of(row, "document");
        shape.is_exception = flag_of(row, "exception");
        if (!shape.is_exception) return;
        const auto status = row.find("status");
        shape.error_status = status == row.end() ? 0 : status->get<int>();
        shape.error_code = text_of(row, "code");
        shape.error_namespace = text_of(row, "namespace");
        const auto query_status = row.find("queryStatus");
        shape.query_status = query_status == row.end() ? 0 : query_status->get<int>();
        shape.sender_fault = !flag_of(row, "fault");
    }

    void read_shape(Shape& shape, const OrderedJson& row) {
        shape.type = shape_types.at(row.at("type").get_ref<const std::string&>());
        if (shape.type == ShapeType::structure) read_structure(shape, row);
        for (const char* part : {"element", "value"}) {
            if (const auto found = row.find(part); found != row.end()) {
                shape.element = this->shape(found->get_ref<const std::string&>());
            }
        }
        if (shape.type == ShapeType::map)
            shape.key = this->shape(row.at("key").get_ref<const std::string&>());
        shape.element_name = text_of(row, "elementName", "member");
        shape.key_name = text_of(row, "keyName", "key");
        shape.value_name = text_of(row, "valueName", "value");
        shape.flattened = flag_of(row, "flattened");
        shape.is_sensitive = flag_of(row, "sensitive");
        shape.timestamp_format = text_of(row, "timestampFormat");
        if (const auto found = row.find("min"); found != row.end()) shape.min = found->get<double>();
        if (const auto found = row.find("max"); found != row.end()) shape.max = found->get<double>();
        if (const auto found = row.find("enum"); found != row.end()) {
            shape.enum_values = found->get<std::vector<std::string>>();
        }
        shape.pattern = text_of(row, "pattern");
        if (!shape.pattern.empty()) shape.compiled_ = std::make_unique<Shape::CompiledPattern>();
    }

    template <class Test>
    static bool any_beneath(const Shape& shape, const Test& test) {
        for (const auto& member : shape.members) {
            if (test(*member.shape)) return true;
        }
        return (shape.element != nullptr && test(*shape.element)) ||
               (shape.key != nullptr && test(*shape.key));
    }

    /// Shapes recurse, so what holds beneath a shape is spread until nothing changes.
    void spread_traits() {
        for (auto& [name, shape] : model_.shapes_) {
            shape->is_plain =
                shape->type != ShapeType::blob && shape->type != ShapeType::timestamp && !shape->is_document;
            shape->is_constrained = shape->min || shape->max || !shape->pattern.empty() ||
                                    !shape->enum_values.empty() || !shape->required.empty() ||
                                    shape->is_union;
        }
        for (bool changed = true; changed;) {
            changed = false;
            for (auto& [name, shape] : model_.shapes_) {
                if (shape->is_plain &&
                    any_beneath(*shape, [](const Shape& below) { return !below.is_plain; })) {
                    shape->is_plain = false;
                    changed = true;
                }
                if (!shape->is_constrained &&
                    any_beneath(*shape, [](const Shape& below) { return below.is_constrained; })) {
                    shape->is_constrained = true;
                    changed = true;
                }
            }
        }
    }

    void read_operation(const std::string& name, const OrderedJson& row) {
        OperationModel operation;
        operation.name = name;
        const auto& http = row.at("http");
        operation.http_method = http.at(0).get<std::string>();
        operation.http_uri = http.at(1).get<std::string>();
        operation.success_status = http.at(2).get<int>();
        if (const auto input = row.find("input"); input != row.end()) {
            operation.input = shape(input->get_ref<const std::string&>());
        }
        if (const auto output = row.find("output"); output != row.end()) {
            operation.output = shape(output->get_ref<const std::string&>());
            for (const auto& member : operation.output->members) {
                if (member.shape->is_event_stream) operation.event_stream = &member;
            }
        }
        operation.result_wrapper = text_of(row, "wrapper");
        if (const auto errors = row.find("errors"); errors != row.end()) {
            operation.errors.reserve(errors->size());
            for (const auto& error : *errors)
                operation.errors.push_back(shape(error.get_ref<const std::string&>()));
        }
        if (const auto style = row.find("validation"); style != row.end())
            operation.validation = validation_of(*style);
        if (const auto protocol = row.find("protocol"); protocol != row.end())
            operation.protocol = protocol_names.at(protocol->get_ref<const std::string&>());
        if (const auto body_max = row.find("bodyMax"); body_max != row.end())
            operation.body_max = body_max->get<std::size_t>();
        take_uri_apart(operation);
        model_.operations_.emplace(name, std::move(operation));
    }

    /// PutObject, CopyObject, UploadPart share method and URI: what each must carry tells them apart.
    void find_telling_parameters() {
        std::map<std::string, std::vector<OperationModel*>> groups;
        for (auto& [name, operation] : model_.operations_) {
            groups[operation.http_method + operation.http_uri].push_back(&operation);
        }
        for (auto& [uri, group] : groups) {
            for (OperationModel* operation : group) {
                // POST to an object means nothing but the end of an upload, so its parameter tells as well.
                const bool is_object = !operation->path.empty() && operation->path.back().is_greedy;
                if (group.size() > 1 || (is_object && operation->query_literals.empty()))
                    read_telling(*operation);
            }
        }
    }

    static void read_telling(OperationModel& operation) {
        if (operation.input == nullptr) return;
        for (const auto& member : operation.input->members) {
            if (!member.required) continue;
            if (member.location == "querystring") operation.telling_queries.push_back(member.location_name);
            if (member.location == "header") operation.telling_headers.push_back(member.location_name);
        }
    }

    ServiceModel& model_;
    OrderedJson document_;
};

ServiceModel::ServiceModel(std::string service_name, std::string_view text) : name(std::move(service_name)) {
    try {
        ModelReader(*this, text).read();
    } catch (const std::exception& error) {
        throw std::runtime_error("the service model " + name + " is not readable: " + error.what());
    }
}

const OperationModel* ServiceModel::operation(std::string_view wanted) const {
    const auto found = operations_.find(wanted);
    return found == operations_.end() ? nullptr : &found->second;
}

const Shape* ServiceModel::shape(std::string_view wanted) const {
    const auto found = shapes_.find(wanted);
    return found == shapes_.end() ? nullptr : found->second.get();
}

const Shape* ServiceModel::error(std::string_view code) const {
    const Shape* named = shape(code);
    if (named != nullptr && named->is_exception) return named;
    for (const auto& [shape_name, candidate] : shapes_) {
        if (candidate->is_exception && candidate->error_code == code) return candidate.get();
    }
    return nullptr;
}

bool ServiceModel::speaks(Protocol protocol) const {
    return std::find(protocols.begin(), protocols.end(), protocol) != protocols.end();
}

const std::vector<const OperationModel*>& ServiceModel::routes(std::string_view method) const {
    static const std::vector<const OperationModel*> none;
    const auto found = routes_.find(method);
    return found == routes_.end() ? none : found->second;
}

bool ServiceAddress::speaks(Protocol protocol) const {
    return std::find(protocols.begin(), protocols.end(), protocol) != protocols.end();
}

namespace {

/// The lines before the operations say how a service is addressed; the rest waits for its first use.
ServiceAddress address_of(std::string_view name, std::string_view text) {
    const auto operations = text.find(",\n\"operations\"");
    const auto head = OrderedJson::parse(std::string(text.substr(0, operations)) + "}");
    ServiceAddress address;
    address.name = std::string(name);
    address.signing_name = text_of(head, "signingName");
    address.endpoint_prefix = text_of(head, "endpointPrefix");
    address.target_prefix = text_of(head, "targetPrefix");
    address.api_version = text_of(head, "apiVersion");
    for (const auto& protocol : head.at("protocols")) {
        address.protocols.push_back(protocol_names.at(protocol.get_ref<const std::string&>()));
    }
    return address;
}

}  // namespace

struct ModelLibrary::Entry {
    std::string_view text;
    std::once_flag once;
    std::unique_ptr<ServiceModel> model;
};

ModelLibrary::ModelLibrary() {
    for (const EmbeddedFile& file : service_model_files()) {
        auto entry = std::make_unique<Entry>();
        entry->text = file.bytes;
        const std::string_view name = file.name.substr(0, file.name.rfind('.'));
        addresses_.push_back(address_of(name, file.bytes));
        entries_.emplace(name, std::move(entry));
    }
}

ModelLibrary::~ModelLibrary() = default;

const ServiceModel* ModelLibrary::find(std::string_view name) const {
    const auto found = entries_.find(name);
    if (found == entries_.end()) return nullptr;
    Entry& entry = *found->second;
    std::call_once(entry.once,
                   [&] { entry.model = std::make_unique<ServiceModel>(found->first, entry.text); });
    return entry.model.get();
}

std::vector<std::string> ModelLibrary::names() const {
    std::vector<std::string> names;
    names.reserve(entries_.size());
    for (const auto& [name, entry] : entries_) names.push_back(name);
    return names;
}

}  // namespace rockwatch
