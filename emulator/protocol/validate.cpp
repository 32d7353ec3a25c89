#include "protocol/validate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.hpp"
#include "core/text.hpp"
#include "core/text_time.hpp"
#include "protocol/pattern.hpp"
#include "protocol/values.hpp"

namespace rockwatch {

namespace {

enum class Rule {
    present,
    length_max,
    length_min,
    count_max,
    count_min,
    value_max,
    value_min,
    pattern,
    enumeration,
    one_of
};

/// What of a value is printed. Chosen: AWS prints it whole, which makes an answer of megabytes of a batch
/// with one log event too many. The longest text that a client gets wrong by a letter, a filter pattern,
/// stands there whole.
constexpr std::size_t printed_bytes_max = 2048;

struct Finding {
    Rule rule;
    bool is_in_body = true;  ///< of an S3 request
    std::string member;      ///< metricData.1.member.metricName
    std::string parameter;   ///< MetricData.member.1.MetricName
    std::string value;       ///< as Java prints it: between quotes, or `null`; empty when it is left out
    std::string constraint;  ///< Member must have length less than or equal to 255
    double bound = 0;
};

std::string bound_text(double bound) { return fmt::format("{:.0f}", bound); }

bool is_scalar(const Shape& shape) {
    return shape.type != ShapeType::structure && shape.type != ShapeType::list &&
           shape.type != ShapeType::map;
}

/// Tue Jan 02 03:04:05 UTC 2024
std::string java_date(std::int64_t milliseconds) {
    const std::string date = http_date(from_epoch_ms(milliseconds));  // Tue, 02 Jan 2024 03:04:05 GMT
    return fmt::format("{} {} {} {} UTC {}", date.substr(0, 3), date.substr(8, 3), date.substr(5, 2),
                       date.substr(17, 8), date.substr(12, 4));
}

/// As Java's toString prints a value: [a, b], {k=v}, MetricTransformation(metricName=x, unit=null). Ends
/// early when it is longer than what is printed.
void append_java(std::string& text, const Shape& shape, const Json& value) {
    std::string_view separator;
    const auto goes_on = [&] {
        text += separator;
        separator = ", ";
        return text.size() <= printed_bytes_max;
    };
    if (shape.is_document) {
        text += to_text(value);
    } else if (shape.type == ShapeType::structure) {
        text += shape.name + "(";
        for (const auto& member : shape.members) {
            if (!goes_on()) return;
            std::string name = member.name;
            if (name[0] >= 'A' && name[0] <= 'Z') name[0] = static_cast<char>(name[0] + ('a' - 'A'));
            text += name + "=";
            const auto found = value.find(member.name);
            if (found == value.end())
                text += "null";
            else
                append_java(text, *member.shape, *found);
        }
        text += ')';
    } else if (shape.type == ShapeType::list) {
        text += '[';
        for (const auto& element : value) {
            if (!goes_on()) return;
            append_java(text, *shape.element, element);
        }
        text += ']';
    } else if (shape.type == ShapeType::map) {
        text += '{';
        for (const auto& [key, item] : value.items()) {
            if (!goes_on()) return;
            text += key + "=";
            append_java(text, *shape.element, item);
        }
        text += '}';
    } else if (shape.type == ShapeType::blob) {
        const auto size = bytes_of(value).size();
        text += fmt::format("java.nio.HeapByteBuffer[pos=0 lim={} cap={}]", size, size);
    } else if (shape.type == ShapeType::timestamp) {
        text += java_date(value.get<std::int64_t>());
    } else {
        text += scalar_to_text(shape, value, "iso8601");
    }
}

/// As much of it as is printed, whole characters.
std::string java_text(const Shape& shape, const Json& value) {
    std::string text;
    append_java(text, shape, value);
    if (text.size() <= printed_bytes_max) return text;
    return std::string(utf8_prefix(text, printed_bytes_max)) + "...";
}

std::string constraint_text(Rule rule, const Shape& shape) {
    const auto length = [&](std::string_view word, double bound) {
        return fmt::format("Member must have length {} than or equal to {}", word, bound_text(bound));
    };
    switch (rule) {
        case Rule::length_max:
        case Rule::count_max:
            return length("less", *shape.max);
        case Rule::length_min:
        case Rule::count_min:
            return length("greater", *shape.min);
        case Rule::value_max:
            return "Member must have value less than or equal to " + bound_text(*shape.max);
        case Rule::value_min:
            return "Member must have value greater than or equal to " + bound_text(*shape.min);
        case Rule::pattern:
            return "Member must satisfy regular expression pattern: " + shape.pattern;
        case Rule::enumeration:
            return "Member must satisfy enum value set: [" + join(shape.enum_values, ", ") + "]";
        case Rule::one_of: {
            std::vector<std::string> names;
            names.reserve(shape.members.size());
            for (const auto& member : shape.members) names.push_back(member.name);
            return "Member must have exactly one of these set: [" + join(names, ", ") + "]";
        }
        case Rule::present:
            break;
    }
    return "Member must not be null";
}

/// All that a shape asks of a scalar: what coral prints of the elements of lists and maps.
std::string all_constraints(const Shape& shape) {
    std::vector<std::string> texts;
    const bool is_text = shape.type == ShapeType::string || shape.type == ShapeType::blob;
    if (shape.max) texts.push_back(constraint_text(is_text ? Rule::length_max : Rule::value_max, shape));
    if (shape.min) texts.push_back(constraint_text(is_text ? Rule::length_min : Rule::value_min, shape));
    if (!shape.pattern.empty()) texts.push_back(constraint_text(Rule::pattern, shape));
    if (!shape.enum_values.empty()) texts.push_back(constraint_text(Rule::enumeration, shape));
    return "[" + join(texts, ", ") + "]";
}

class Checker {
public:
    explicit Checker(std::vector<Finding>& findings) : findings_(findings) {}

    void structure(const Shape& shape, const Json& value, const Place& place, bool is_root = false) {
        if (shape.is_document || shape.is_event_stream) return;
        if (shape.is_union && value.size() != 1) note(Rule::one_of, shape, value, place);
        for (const auto& member : shape.members) {
            if (!member.required && !member.shape->is_constrained) continue;
            if (is_root) is_in_body_ = member.location.empty();
            const auto found = value.find(member.name);
            const Place here(place, member.name);
            if (found != value.end()) {
                check(*member.shape, *found, here);
            } else if (member.required && !member.shape->is_event_stream) {
                note(Rule::present, *member.shape, Json(), here);
            }
        }
    }

private:
    void check(const Shape& shape, const Json& value, const Place& place) {
        if (!shape.is_constrained) return;
        if (is_scalar(shape)) {
            each_breach(shape, value, [&](Rule rule) { note(rule, shape, value, place); });
        } else if (shape.type == ShapeType::structure) {
            structure(shape, value, place);
        } else {
            if (shape.max && double(value.size()) > *shape.max) note(Rule::count_max, shape, value, place);
            if (shape.min && double(value.size()) < *shape.min) note(Rule::count_min, shape, value, place);
            if (shape.type == ShapeType::list)
                list(shape, value, place);
            else
                map(shape, value, place);
        }
    }

    void list(const Shape& shape, const Json& value, const Place& place) {
        if (!shape.element->is_constrained) return;
        if (is_scalar(*shape.element)) {
            Rule broken = Rule::present;
            for (const auto& element : value)
                each_breach(*shape.element, element, [&](Rule rule) { broken = rule; });
            if (broken != Rule::present)
                note_parts(broken, "Member must satisfy constraint: ", *shape.element, {shape, value, place});
            return;
        }
        std::size_t index = 0;
        for (const auto& element : value) check(*shape.element, element, Place(place, index++));
    }

    void map(const Shape& shape, const Json& value, const Place& place) {
        const Whole whole{shape, value, place};
        const bool has_scalars = is_scalar(*shape.element);
        Rule broken_key = Rule::present;
        Rule broken_value = Rule::present;
        for (auto entry = value.begin(); entry != value.end(); ++entry) {
            if (shape.key->is_constrained)
                each_breach(*shape.key, entry.key(), [&](Rule rule) { broken_key = rule; });
            if (!shape.element->is_constrained) continue;
            if (has_scalars)
                each_breach(*shape.element, *entry, [&](Rule rule) { broken_value = rule; });
            else
                check(*shape.element, *entry, Place(place, entry.key()));
        }
        if (broken_key != Rule::present)
            note_parts(broken_key, "Map keys must satisfy constraint: ", *shape.key, whole);
        if (broken_value != Rule::present)
            note_parts(broken_value, "Map value must satisfy constraint: ", *shape.element, whole);
    }

    template <class Say>
    static void each_breach(const Shape& shape, const Json& value, const Say& say) {
        if (value.is_string() || value.is_binary()) {
            const std::string_view text = bytes_of(value);
            if (shape.min || shape.max) {
                const auto length = double(value.is_string() ? utf8_length(text) : text.size());
                if (shape.max && length > *shape.max) say(Rule::length_max);
                if (shape.min && length < *shape.min) say(Rule::length_min);
            }
            if (const Pattern* pattern = shape.compiled_pattern();
                pattern != nullptr && !pattern->matches(text)) {
                say(Rule::pattern);
            }
            const auto& allowed = shape.enum_values;
            if (!allowed.empty() && std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
                say(Rule::enumeration);
            }
        } else if (value.is_number()) {
            const auto number = value.get<double>();
            if (shape.max && number > *shape.max) say(Rule::value_max);
            if (shape.min && number < *shape.min) say(Rule::value_min);
        }
    }

    struct Whole {
        const Shape& shape;
        const Json& value;
        const Place& place;
    };

    void note(Rule rule, const Shape& shape, const Json& value, const Place& place) {
        const bool is_upper = rule == Rule::length_max || rule == Rule::count_max || rule == Rule::value_max;
        const auto& bound = is_upper ? shape.max : shape.min;
        add(rule, {shape, value, place}, constraint_text(rule, shape), shape.is_sensitive, bound.value_or(0));
    }

    void note_parts(Rule rule, std::string_view words, const Shape& part, const Whole& whole) {
        const bool is_upper = rule == Rule::length_max || rule == Rule::value_max;
        add(rule, whole, std::string(words) + all_constraints(part),
            whole.shape.is_sensitive || part.is_sensitive, (is_upper ? part.max : part.min).value_or(0));
    }

    void add(Rule rule, const Whole& whole, std::string constraint, bool is_hidden, double bound) {
        Finding finding{.rule = rule,
                        .is_in_body = is_in_body_,
                        .member = whole.place.dotted(),
                        .parameter = whole.place.parameter(),
                        .value = {},
                        .constraint = std::move(constraint),
                        .bound = bound};
        if (rule == Rule::present)
            finding.value = "null";
        else if (!is_hidden)
            finding.value = java_text(whole.shape, whole.value);
        if (rule != Rule::present && !is_hidden) finding.value = "'" + finding.value + "'";
        findings_.push_back(std::move(finding));
    }

    std::vector<Finding>& findings_;
    bool is_in_body_ = true;
};

ServiceError coral_error(const std::string& code, const std::vector<Finding>& findings) {
    std::vector<std::string> texts;
    for (const auto& finding : findings) {
        const std::string value = finding.value.empty() ? "" : finding.value + " ";
        texts.push_back(fmt::format("Value {}at '{}' failed to satisfy constraint: {}", value, finding.member,
                                    finding.constraint));
    }
    return {code, fmt::format("{} validation error{} detected: {}", texts.size(),
                              texts.size() == 1 ? "" : "s", join(texts, "; "))};
}

std::string unquoted(const std::string& value) {
    return value.size() >= 2 && value.front() == '\'' ? value.substr(1, value.size() - 2) : value;
}

/// Facts: cloudwatch.md 3 for what is missing, too many, not above a bound. Chosen: the others, after these.
std::string parameter_text(const Finding& finding) {
    const auto& name = finding.parameter;
    switch (finding.rule) {
        case Rule::present:
        case Rule::count_min:
            return fmt::format("The parameter {} is required.", name);
        case Rule::count_max:
            return fmt::format("The collection {} must not have a size greater than {}.", name,
                               bound_text(finding.bound));
        case Rule::length_max:
            return fmt::format("The parameter {} must be shorter than {} characters.", name,
                               bound_text(finding.bound + 1));
        case Rule::length_min:
            return fmt::format("The parameter {} must be longer than {} characters.", name,
                               bound_text(finding.bound - 1));
        case Rule::value_max:
            return fmt::format("The parameter {} must be less than {}.", name, bound_text(finding.bound + 1));
        case Rule::value_min:
            return fmt::format("The parameter {} must be greater than {}.", name,
                               bound_text(finding.bound - 1));
        default:
            return fmt::format("The value {} for parameter {} is invalid.", unquoted(finding.value), name);
    }
}

bool is_missing(const Finding& finding) {
    return finding.rule == Rule::present || finding.rule == Rule::count_min;
}

/// What is missing is told before what is wrong: the two have codes of their own.
ServiceError parameter_error(const ValidationStyle& style, const std::vector<Finding>& findings) {
    const bool some_missing = std::any_of(findings.begin(), findings.end(), is_missing);
    std::vector<std::string> texts;
    for (const auto& finding : findings) {
        if (is_missing(finding) == some_missing) texts.push_back(parameter_text(finding));
    }
    return {some_missing ? style.missing_code : style.code, join(texts, "\n")};
}

ServiceError queue_error(const ValidationStyle& style, const Finding& first) {
    if (is_missing(first)) {
        return {style.missing_code,
                fmt::format("The request must contain the parameter {}.", first.parameter)};
    }
    return {style.code, fmt::format("Value {} for parameter {} is invalid. Reason: {}.",
                                    unquoted(first.value), first.parameter, first.constraint)};
}

ServiceError object_error(const ValidationStyle& style, const std::vector<Finding>& findings) {
    const bool in_body =
        std::any_of(findings.begin(), findings.end(), [](const Finding& f) { return f.is_in_body; });
    if (!in_body) return coral_error(style.code, findings);
    return {"MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema"};
}

/// A name of the style's is too long.
bool has_long_name(const ValidationStyle& style, const std::vector<Finding>& findings) {
    return std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
        return finding.rule == Rule::length_max &&
               std::find(style.names.begin(), style.names.end(), finding.member) != style.names.end();
    });
}

}  // namespace

void validate(const ServiceModel& service, const OperationModel& operation, const Json& input) {
    if (operation.input == nullptr || !operation.input->is_constrained) return;
    std::vector<Finding> findings;
    Checker(findings).structure(*operation.input, input, Place("input"), true);
    if (findings.empty()) return;
    const ValidationStyle& style = operation.validation ? *operation.validation : service.validation;
    ServiceError error = [&]() -> ServiceError {
        if (has_long_name(style, findings)) return {style.code, style.long_name_message};
        switch (style.form) {
            case ValidationForm::parameter:
                return parameter_error(style, findings);
            case ValidationForm::queue:
                return queue_error(style, findings.front());
            case ValidationForm::object:
                return object_error(style, findings);
            case ValidationForm::coral:
                break;
        }
        return coral_error(style.code, findings);
    }();
    if (error.status == 0) error.status = 400;
    throw error;
}

}  // namespace rockwatch
