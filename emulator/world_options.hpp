#pragma once

#include "options.hpp"
#include "world/world.hpp"

namespace rockwatch {

/// How a world behaves, as the options have it: what is the same whether it serves or only tries a set-up.
/// Its database, threads, callers and files are its owner's to add.
WorldOptions world_options(const Options& options);

}  // namespace rockwatch
