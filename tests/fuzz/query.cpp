// The query protocol: an input, written as the form that a client would send, is read as the same input.

#include "codecs.hpp"
#include "core/text.hpp"
#include "protocol/values.hpp"

namespace rockwatch::fuzz {

namespace {

constexpr OperationName operations[] = {
    {"cloudwatch", "PutMetricData"},
    {"cloudwatch", "PutMetricAlarm"},
    {"sns", "Publish"},
    {"sns", "CreateTopic"},
    {"sqs", "SendMessageBatch"},
    {"sqs", "SetQueueAttributes"},
    {"iam", "CreateRole"},
    {"sts", "AssumeRole"},
};

class FormWriter {
public:
    void structure(const Shape& shape, const Json& value, const std::string& prefix) {
        for (const auto& member : shape.members) {
            const auto found = value.find(member.name);
            if (found == value.end()) continue;
            write(*member.shape, *found, prefix + member.location_name,
                  member.flattened || member.shape->flattened);
        }
    }

    std::string form;

private:
    void write(const Shape& shape, const Json& value, const std::string& name, bool is_flat) {
        if (value.is_structured() && value.empty()) return field(name, "");
        switch (shape.type) {
            case ShapeType::structure:
                return structure(shape, value, name + ".");
            case ShapeType::list:
                for (std::size_t index = 0; index < value.size(); ++index) {
                    const std::string wrapper = is_flat ? "." : "." + shape.element_name + ".";
                    write(*shape.element, value[index], name + wrapper + std::to_string(index + 1),
                          shape.element->flattened);
                }
                return;
            case ShapeType::map: {
                std::size_t index = 0;
                for (const auto& [key, item] : value.items()) {
                    const std::string entry =
                        name + (is_flat ? "." : ".entry.") + std::to_string(++index) + ".";
                    field(entry + shape.key_name, key);
                    write(*shape.element, item, entry + shape.value_name, shape.element->flattened);
                }
                return;
            }
            default:
                field(name, scalar_to_text(shape, value, "iso8601"));
        }
    }

    void field(const std::string& name, std::string_view value) {
        form += (form.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
    }
};

void query(std::string_view bytes) {
    const FirstLine input(bytes);
    const Operation of = operation_of(operations, input.line);
    HttpRequest request;
    request.method = "POST";
    const Parsed parsed = parse(Protocol::query, of, request, input.rest);
    if (!parsed.is_read) return;
    FormWriter writer;
    writer.structure(*of.operation->input, parsed.input, "");
    Ignored ignored;
    const Json again = codec_for(Protocol::query).parse(*of.operation, request, writer.form, ignored);
    promise(exact(again) == exact(parsed.input), "an input survives the form that it makes");
    promise(ignored.empty(), "and nothing of it is overlooked");
}

}  // namespace

}  // namespace rockwatch::fuzz

ROCKWATCH_FUZZ_TARGET(query)
