#pragma once

#include <string>
#include <vector>

#include "stage.hpp"

namespace rockwatch::simulation {

/// An operation that answers in pages: the member with the items and the one with the token.
struct Listing {
    std::string service;
    std::string operation;
    std::string items;
    std::string token;
    std::string next;  ///< the answer's token, where its name is another; empty: the same
};

/// Every page of a listing, one after the other (I4).
Json all_pages(Stage& stage, std::size_t who, const Listing& listing, Json input);

/// A page's size between 1 and more than all, not so small that the walk gets long.
std::size_t page_size(std::size_t items, std::uint64_t luck);

/// One member of each item.
std::vector<std::string> column(const Json& items, const std::string& member);

}  // namespace rockwatch::simulation
