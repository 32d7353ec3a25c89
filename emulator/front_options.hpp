#pragma once

#include "http/front.hpp"
#include "options.hpp"

namespace rockwatch {

/// What the command line says to the sockets.
FrontOptions front_options(const Options& options);

}  // namespace rockwatch
