#pragma once

#include <string>
#include <vector>

#include "shell.hpp"

namespace rockwatch {

/// What the banner tells.
struct BannerFacts {
    std::string version;
    std::vector<std::string> addresses;  ///< 127.0.0.1:4566, [::1]:4566
    std::string database;                ///< as given: rockwatch.db, :memory:
    std::int64_t kept_bytes = 0;         ///< of a database that was there before; 0: it is new
    std::string clock;                   ///< "frozen at …"; empty: it runs as clocks do
    std::size_t rules = 0;               ///< of the files, as far as they are in force
    std::vector<std::string> rule_paths;
    bool watches_rules = false;
    Owner defaults;
    std::string credentials;  ///< the file that callers are verified against; empty: they are not
    std::size_t callers = 0;  ///< keys and tokens in it
    Variables variables;      ///< to export; no secret among them
    bool is_open_to_all = false;
};

/// Read by a person who has just started the server, and by scripts that wait for its last line: Ready.
std::string banner(const BannerFacts& facts);

}  // namespace rockwatch
