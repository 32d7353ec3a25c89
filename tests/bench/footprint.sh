#!/usr/bin/env bash
# What Rockwatch takes: the time to the first SDK answer, idle memory, idle connections, held calls.
#   tests/bench/footprint.sh [ROUNDS]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
peer_version=1.43.0

"$root/emulator/build.sh" >&2
[ -x "$root/.venv/bin/python" ] || { echo "Run tests/run.sh once: it makes .venv, whose boto3 asks." >&2 && exit 1; }
peer=$root/build/bench/aimock
if command -v npm >/dev/null && ! [ -f "$peer/$peer_version" ]; then
    mkdir -p "$peer"
    (cd "$peer" && npm install --ignore-scripts --no-audit --no-fund --silent "@copilotkit/aimock@$peer_version") &&
        touch "$peer/$peer_version"
fi
exec "$root/.venv/bin/python" "$root/tests/bench/footprint.py" "$root/build/release/rockwatch" \
    "$peer/node_modules/@copilotkit/aimock/dist/cli.js" "${1:-5}"
