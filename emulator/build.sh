#!/usr/bin/env bash
# Builds the server as build/release/rockwatch, after installing what the build needs. Quick when nothing changed.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/emulator/packages.sh"
install_missing "${build_packages[@]}"

cd "$root"
# The tests need more packages; whoever configured them in keeps them.
[ -f build/release/build.ninja ] || cmake --preset release -DBUILD_TESTING=OFF
cmake --build --preset release --target rockwatch
