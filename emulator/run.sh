#!/usr/bin/env bash
# Builds the server where needed and becomes it: ./emulator/run.sh [serve|test|exec|...] [options]
# Its own noise is on standard error; standard output is the server's.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/emulator/build.sh" >&2
[ $# -gt 0 ] || set -- serve
exec "$root/build/release/rockwatch" "$@"
