#include "rules/match.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/text.hpp"
#include "rules/conversation.hpp"
#include "rules/fields.hpp"

namespace rockwatch::rules {

namespace {

bool model_matches(const std::vector<std::string>& globs, const Invocation& invocation) {
    return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
        for (const std::string_view name : invocation.model_names()) {
            if (glob_matches(glob, name)) return true;
        }
        if (!may_match_arn(glob)) return false;
        const auto& arns = invocation.model_arns();
        return std::any_of(arns.begin(), arns.end(),
                           [&](const std::string& arn) { return glob_matches(glob, arn); });
    });
}

bool found_in(const Pattern& pattern, const std::string& text) {
    return re2::RE2::PartialMatch(text, *pattern);
}

bool any_message_matches(const Pattern& pattern, const Json& converse) {
    const Json& messages = elements(converse, "messages");
    return std::any_of(messages.begin(), messages.end(), [&](const Json& message) {
        return found_in(pattern, text_of_blocks(elements(message, "content")));
    });
}

bool holds(const BodyCondition& condition, const Json& body) {
    const Json* value = value_at(body, condition.path);
    return value != nullptr && *value == condition.value;
}

/// Goes through conditions in the contract's order until one fails.
class Judge {
public:
    template <class F>
    void check(bool given, F&& condition, const char* name) {
        if (failure_ || !given) return;
        if (condition()) {
            ++held_;
        } else {
            failure_ = Failure{std::string("/match/") + name, held_};
        }
    }
    void fail(std::string pointer) { failure_ = Failure{std::move(pointer), held_}; }
    void hold() { ++held_; }
    bool failed() const { return failure_.has_value(); }
    std::optional<Failure> verdict() { return std::move(failure_); }

private:
    std::optional<Failure> failure_;
    int held_ = 0;
};

void check_body(Judge& judge, const Match& match, const Json& body) {
    for (const BodyCondition& condition : match.body) {
        if (judge.failed()) return;
        holds(condition, body) ? judge.hold() : judge.fail(pointer_to("/match/body", condition.pointer));
    }
}

void check_metadata(Judge& judge, const Match& match, const Json* metadata) {
    static const Json none = Json::object();
    for (const auto& [key, wanted] : match.request_metadata) {
        if (judge.failed()) return;
        const Json* value = member(metadata == nullptr ? none : *metadata, key);
        value != nullptr&&* value == wanted ? judge.hold()
                                            : judge.fail(pointer_to("/match/requestMetadata", key));
    }
}

}  // namespace

Invocation::Invocation(const Parts& parts) : parts_(parts) {
    model_names_.push_back(parts_.model_id);
    if (parts_.model_id.starts_with("arn:")) {
        const auto slash = parts_.model_id.find('/');
        if (slash != std::string_view::npos) model_names_.push_back(parts_.model_id.substr(slash + 1));
    }
    const std::string_view foundation = parts_.foundation_model_id;
    if (!foundation.empty() && foundation != model_names_.back()) model_names_.push_back(foundation);
}

const std::vector<std::string>& Invocation::model_arns() const {
    if (!model_arns_) {
        model_arns_.emplace();
        const Caller& caller = parts_.caller;
        const std::string_view id =
            parts_.model_id.starts_with("arn:") ? parts_.foundation_model_id : parts_.model_id;
        const std::string_view foundation =
            parts_.foundation_model_id.empty() ? id : parts_.foundation_model_id;
        model_arns_->push_back(
            fmt::format("arn:aws:bedrock:{}::foundation-model/{}", caller.region, foundation));
        if (id != foundation) {
            model_arns_->push_back(
                fmt::format("arn:aws:bedrock:{}:{}:inference-profile/{}", caller.region, caller.account, id));
        }
    }
    return *model_arns_;
}

const std::string& Invocation::prompt() const {
    if (!prompt_) prompt_ = last_user_text(parts_.converse);
    return *prompt_;
}

const std::string& Invocation::system() const {
    if (!system_) system_ = system_text(parts_.converse);
    return *system_;
}

bool may_match_arn(const std::string& glob) {
    constexpr std::string_view start = "arn:aws:bedrock:";
    const std::string_view fixed = std::string_view(glob).substr(0, glob.find_first_of("*?"));
    const std::size_t size = std::min(fixed.size(), start.size());
    return fixed.substr(0, size) == start.substr(0, size);
}

bool names_model(const Match& match, const Invocation& invocation) {
    return model_matches(match.model_ids, invocation);
}

bool names_operation(const Match& match, const Invocation& invocation) {
    const auto& operations = match.operations;
    return std::find(operations.begin(), operations.end(), invocation.parts().operation) != operations.end();
}

const Json* value_at(const Json& body, const Json::json_pointer& path) try {
    return body.contains(path) ? &body.at(path) : nullptr;
} catch (const Json::exception&) {
    return nullptr;
}

std::optional<Failure> first_failure(const Match& match, const Invocation& invocation) {
    const auto& parts = invocation.parts();
    const Json& converse = parts.converse;
    Judge judge;
    judge.check(
        !match.model_ids.empty(), [&] { return names_model(match, invocation); }, "modelId");
    judge.check(
        !match.operations.empty(), [&] { return names_operation(match, invocation); }, "operation");
    judge.check(
        match.prompt != nullptr, [&] { return found_in(match.prompt, invocation.prompt()); }, "prompt");
    judge.check(
        match.system != nullptr, [&] { return found_in(match.system, invocation.system()); }, "system");
    judge.check(
        match.any_message != nullptr, [&] { return any_message_matches(match.any_message, converse); },
        "anyMessage");
    judge.check(
        match.tool.has_value(), [&] { return offers_tool(converse, *match.tool); }, "tool");
    judge.check(
        match.tool_result.has_value(), [&] { return has_tool_result(converse, *match.tool_result); },
        "toolResult");
    judge.check(
        match.turn.has_value(), [&] { return user_turns(converse) == *match.turn; }, "turn");
    check_body(judge, match, parts.body);
    check_metadata(judge, match, parts.metadata);
    judge.check(
        match.account.has_value(), [&] { return parts.caller.account == *match.account; }, "account");
    judge.check(
        match.region.has_value(), [&] { return parts.caller.region == *match.region; }, "region");
    judge.check(
        match.access_key_id.has_value(), [&] { return parts.caller.access_key == *match.access_key_id; },
        "accessKeyId");
    return judge.verdict();
}

std::vector<std::string_view> prompt_groups(const Match& match, const Invocation& invocation) {
    if (!match.prompt) return {};
    const std::string& prompt = invocation.prompt();
    std::vector<re2::StringPiece> groups(static_cast<std::size_t>(match.prompt->NumberOfCapturingGroups()) +
                                         1);
    if (!match.prompt->Match(prompt, 0, prompt.size(), re2::RE2::UNANCHORED, groups.data(),
                             static_cast<int>(groups.size()))) {
        return {};
    }
    std::vector<std::string_view> texts;
    for (const auto& group : groups)
        texts.emplace_back(group.data() == nullptr ? "" : group.data(), group.size());
    return texts;
}

}  // namespace rockwatch::rules
