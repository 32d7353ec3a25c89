#include "paging.hpp"

#include <algorithm>

#include "violation.hpp"

namespace rockwatch::simulation {

Json all_pages(Stage& stage, std::size_t who, const Listing& listing, Json input) {
    const std::string next = listing.next.empty() ? listing.token : listing.next;
    Json all = Json::array();
    for (int page = 0;; ++page) {
        demand(page < 1000, "I4", [&] { return "the pages of " + listing.operation + " never end"; });
        const Json answer = stage.ask(who, listing.service, listing.operation, input);
        const Json items = value_or(answer, listing.items, Json::array());
        all.insert(all.end(), items.begin(), items.end());
        if (text_or_empty(answer, next).empty()) return all;
        input[listing.token] = answer.at(next);
    }
}

std::size_t page_size(std::size_t items, std::uint64_t luck) {
    const std::size_t least = items / 12 + 1;
    return least + luck % (items + 2);
}

std::vector<std::string> column(const Json& items, const std::string& member) {
    std::vector<std::string> values;
    for (const Json& item : items) values.push_back(item.at(member));
    return values;
}

}  // namespace rockwatch::simulation
