#include "services/bedrock_runtime/ranking.hpp"

#include <algorithm>
#include <set>
#include <string>

#include "core/text.hpp"
#include "rules/conversation.hpp"

namespace rockwatch::bedrock_runtime {

namespace {

using Words = std::set<std::string, std::less<>>;

bool is_letter(char letter) {
    const auto code = static_cast<unsigned char>(letter);
    return code >= 0x80 || (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') ||
           (code >= 'A' && code <= 'Z');
}

Words words_of(std::string_view text) {
    Words words;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        while (end < text.size() && is_letter(text[end])) ++end;
        if (end > at) words.insert(lower_case(text.substr(at, end - at)));
        at = end + 1;
    }
    return words;
}

double relevance_of(const Words& query, std::string_view document) {
    constexpr double for_query_words = 0.9;
    constexpr double for_few_others = 0.09;
    const Words words = words_of(document);
    const auto shared = static_cast<double>(std::count_if(
        query.begin(), query.end(), [&](const std::string& word) { return words.contains(word); }));
    if (shared == 0) return 0;
    return for_query_words * shared / static_cast<double>(query.size()) +
           for_few_others * shared / static_cast<double>(words.size());
}

}  // namespace

double relevance(std::string_view query, std::string_view document) {
    return relevance_of(words_of(query), document);
}

std::vector<Rank> ranked(std::string_view query, const Json& ranking) {
    const Words words = words_of(query);
    std::vector<Rank> ranks;
    for (const Json& document : rules::elements(ranking, "documents"))
        ranks.push_back({ranks.size(), relevance_of(words, document.get_ref<const std::string&>())});
    std::stable_sort(ranks.begin(), ranks.end(),
                     [](const Rank& a, const Rank& b) { return a.relevance > b.relevance; });
    const auto top = ranking.at("top").get<std::size_t>();
    if (ranks.size() > top) ranks.resize(top);
    return ranks;
}

}  // namespace rockwatch::bedrock_runtime
