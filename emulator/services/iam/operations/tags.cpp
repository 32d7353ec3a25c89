#include <algorithm>

#include "core/text.hpp"
#include "services/iam/errors.hpp"
#include "services/iam/operations/operations.hpp"

namespace rockwatch::iam {

namespace {

constexpr std::size_t tags_max = 50;
constexpr int page_size_default = 100;

Json tag_json(const Tag& tag) { return {{"Key", tag.first}, {"Value", tag.second}}; }

}  // namespace

std::string new_id(Random& random, std::string_view prefix) {
    return std::string(prefix) + random.text(17, upper_alphanumeric);
}

std::int64_t date_ms(Instant instant) { return epoch_ms(floor_to(instant, Milliseconds{1000})); }

void put_tags(TagWriter& tags, std::string_view arn, const Json& input) {
    const auto given = input.find("Tags");
    if (given == input.end()) return;
    for (const Json& tag : *given) tags.put(arn, {tag.at("Key"), tag.at("Value")});
    if (tags.list(arn).size() > tags_max)
        throw limit_exceeded("The number of tags has reached the maximum limit.");
}

Json tags_json(TagReader& tags, std::string_view arn) {
    Json list = Json::array();
    for (const Tag& tag : tags.list(arn)) list.push_back(tag_json(tag));
    return list;
}

Json page_of(std::string_view member, std::vector<Listed> elements, const Json& input) {
    std::string after;
    const std::string marker = text_or_empty(input, "Marker");
    if (!marker.empty() && (!base64_decode(marker, after) || after.empty())) throw invalid_marker();

    auto next = std::find_if(elements.begin(), elements.end(),
                             [&](const Listed& listed) { return listed.first > after; });
    if (after.empty()) next = elements.begin();
    const auto page_size = static_cast<std::size_t>(value_or(input, "MaxItems", page_size_default));
    Json page = Json::array();
    for (; next != elements.end() && page.size() < page_size; ++next) page.push_back(std::move(next->second));

    Json output{{"IsTruncated", next != elements.end()}};
    if (next != elements.end()) output["Marker"] = base64_encode(std::prev(next)->first);
    output[std::string(member)] = std::move(page);
    return output;
}

Json tag_role(Write& iam, const Caller& caller, const Json& input) {
    put_tags(iam.tags, existing_role(iam.roles, caller, input).arn(), input);
    return Json::object();
}

Json untag_role(Write& iam, const Caller& caller, const Json& input) {
    const Role role = existing_role(iam.roles, caller, input);
    for (const Json& key : input.at("TagKeys"))
        iam.tags.remove(role.arn(), key.get_ref<const std::string&>());
    return Json::object();
}

Json list_role_tags(Read& iam, const Caller& caller, const Json& input) {
    const Role role = existing_role(iam.roles, caller, input);
    std::vector<Listed> tags;
    for (const Tag& tag : iam.tags.list(role.arn())) tags.emplace_back(tag.first, tag_json(tag));
    return page_of("Tags", std::move(tags), input);
}

}  // namespace rockwatch::iam
