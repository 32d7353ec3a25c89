#include "generator.hpp"

namespace rockwatch::simulation {

namespace {

/// One call of a model, by whatever door, that asks for little or much.
void call_model(CallMaker& maker, const std::string& model) {
    Luck& luck = maker.luck;
    const std::string text = luck.one_of({"Hello", "refund", "How is the weather in Oslo?"});
    const bool streamed = luck.percent(40);
    std::optional<std::int64_t> max_tokens;  // none: the model's default
    if (luck.percent(80)) max_tokens = luck.one_of<std::int64_t>({16, 64, 64, 200});
    if (model == titan && luck.percent(50))
        maker.invoke_titan(streamed, text, max_tokens);
    else
        maker.converse(model, streamed, text, max_tokens);
}

Step advance(std::int64_t ms) { return {{"do", "advance"}, {"ms", ms}}; }

/// While the newest call is on its way, another one comes, perhaps a while later or under other quotas.
void make_slow(CallMaker& maker, const std::string& model) {
    Steps aside;
    CallMaker other{maker.luck, maker.who, maker.theme, aside};
    const std::uint64_t draw = maker.luck.below(100);
    if (draw < 45) aside.push_back(advance(maker.luck.one_of<std::int64_t>({20'000, 59'999, 60'000})));
    if (draw >= 70) other.put_quotas(model);
    call_model(other, model);
    maker.steps.back()["meanwhile"] = aside;
}

}  // namespace

void CallMaker::put_quotas(const std::string& model) {
    Json quotas = Json::array();
    const std::uint64_t count = luck.percent(10) ? 0 : 1 + luck.below(2);
    while (quotas.size() < count) {
        Json quota = Json::object();
        if (luck.percent(60))
            quota["modelId"] =
                luck.one_of<std::string>({model, model, "amazon.*", "anthropic.*", "global.*"});
        if (luck.percent(15)) quota["account"] = owner_at(who).account;
        if (luck.percent(15)) quota["region"] = owner_at(who).region;
        if (luck.percent(60)) quota["requestsPerMinute"] = 1 + luck.below(4);
        if (!quota.contains("requestsPerMinute") || luck.percent(40))
            quota["tokensPerMinute"] = luck.one_of({70, 140, 300, 600, 600, 5000});
        if (luck.percent(5)) {  // it limits nothing: a mistake
            quota.erase("requestsPerMinute");
            quota.erase("tokensPerMinute");
        }
        quotas.push_back(std::move(quota));
    }
    steps.push_back({{"do", "quotas"}, {"who", who}, {"quotas", std::move(quotas)}});
}

/// Calls of one model that come close enough to each other to be counted together.
void CallMaker::crowd(const std::string& model) {
    const bool is_regional = model.starts_with("eu.") || model.starts_with("us.");
    const std::size_t in_other_account = (who + 2) % owner_count;
    const std::size_t in_other_region = is_regional ? who : who ^ 1U;
    for (std::uint64_t calls = 2 + luck.below(4); calls > 0; --calls) {
        const std::size_t caller = luck.percent(80) ? who : luck.one_of({in_other_account, in_other_region});
        CallMaker maker{luck, caller, theme, steps};
        call_model(maker, model);
        // A run of one owner alone leaves others' calls out, with what happens meanwhile.
        if (luck.percent(30) && theme != Theme::isolated) make_slow(maker, model);
        if (luck.percent(50)) steps.push_back(advance(luck.one_of<std::int64_t>({1, 1, 20'000, 30'000})));
    }
    for (const std::int64_t ms : {59'999, 1}) {
        steps.push_back(advance(ms));
        call_model(*this, model);
    }
}

void CallMaker::quotas() {
    const std::string regional = owner_at(who).region.substr(0, 2) + "." + haiku;
    const auto model = luck.one_of<std::string>({titan, titan, haiku, regional, young_haiku});
    if (luck.percent(85)) put_quotas(model);
    if (luck.percent(80)) crowd(model);
}

}  // namespace rockwatch::simulation
