#!/usr/bin/env bash
# How fast Converse is, as ratios to a bare HTTP server in the same minutes: see README.md beside this file.
#   tests/bench/converse.sh [ROUNDS [SECONDS]]
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
rounds=${1:-3}
seconds=${2:-2}
connections=(1 8 64 512)
reference=$root/../shared/bench/bare.cpp
bench=$root/build/bench

. "$root/emulator/packages.sh"
install_missing wrk curl
"$root/emulator/build.sh" >&2
mkdir -p "$bench"
if [ -f "$reference" ] && ! [ "$bench/bare" -nt "$reference" ]; then
    # shellcheck disable=SC2046
    g++ -std=c++20 -O2 "$reference" -o "$bench/bare" $(pkg-config --cflags --libs cpp-httplib sqlite3) -lpthread
fi

scratch=$(mktemp -d "$bench/run-XXXXXX")
pids=()
finish() {
    [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
    rm -rf "$scratch"
}
trap finish EXIT

declare -A ports
start() { # name, options
    local name=$1
    shift
    "$root/build/release/rockwatch" serve --port 0 --port-file "$scratch/$name.port" --db "$scratch/$name.db" \
        --log-level warn "$@" >"$scratch/$name.log" 2>&1 &
    pids+=($!)
    until [ -s "$scratch/$name.port" ]; do
        kill -0 "${pids[-1]}" || { cat "$scratch/$name.log" && exit 1; }
        sleep 0.05
    done
    ports[$name]=$(cat "$scratch/$name.port")
}

servers=(off on)
if [ -x "$bench/bare" ]; then
    servers=(bare off on)
    ports[bare]=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$bench/bare" "${ports[bare]}" fixed 600 &
    pids+=($!)
else
    echo "There is no $reference: figures without ratios." >&2
fi
start off
start on

call() { # target, service, path, body
    curl -sSf -o /dev/null -H 'Content-Type: application/x-amz-json-1.1' -H "X-Amz-Target: $1" \
        -H "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/$2/aws4_request, SignedHeaders=host, Signature=0" \
        "${@:4}" "http://127.0.0.1:${ports[on]}$3"
}
call Logs_20140328.CreateLogGroup logs / -d '{"logGroupName":"bench"}'
call '' bedrock /logging/modelinvocations -X PUT -d '{"loggingConfig":{"cloudWatchConfig":{"logGroupName":"bench",
    "roleArn":"arn:aws:iam::000000000000:role/bench"}}}'

measure() { # server, connections -> requests/s, p50 us, p99 us, errors
    wrk -t1 -c"$2" -d"${seconds}s" --timeout 10s -s "$root/tests/bench/post.lua" \
        "http://127.0.0.1:${ports[$1]}/model/anthropic.claude-3-haiku-20240307-v1:0/converse" | sed -n 's/^FIGURES //p'
}

for server in "${servers[@]}"; do measure "$server" 8 >/dev/null; done # warm
for round in $(seq "$rounds"); do
    for count in "${connections[@]}"; do
        for server in "${servers[@]}"; do
            echo "$server $count $(measure "$server" "$count")" >>"$scratch/figures"
            echo "round $round, $count connections: $(tail -n 1 "$scratch/figures")" >&2
        done
    done
done

python3 - "$scratch/figures" <<'PYTHON'
import collections, statistics, sys

rows = collections.defaultdict(list)
for line in open(sys.argv[1]):
    server, count, *figures = line.split()
    rows[server, int(count)].append([float(figure) for figure in figures])
middle = {key: [statistics.median(column) for column in zip(*values)] for key, values in rows.items()}
print(f"{'connections':>11} {'server':>6} {'requests/s':>10} {'p50 us':>8} {'p99 us':>9} {'errors':>6} {'of bare':>8}")
for (server, count), (rate, p50, p99, errors) in sorted(middle.items(), key=lambda item: item[0][1]):
    bare = middle.get(("bare", count))
    ratio = f"{rate / bare[0]:8.2f}" if bare else ""
    print(f"{count:11} {server:>6} {rate:10.0f} {p50:8.0f} {p99:9.0f} {errors:6.0f} {ratio}")
PYTHON
