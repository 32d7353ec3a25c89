#!/usr/bin/env bash
# Fuzzes each target for some seconds, as many at once as there are cores, from its corpus on; findings are kept in
# build/fuzz/found.
#   tests/fuzz/run.sh SECONDS [TARGET ...]
# The last line is `N passed, N failed`. Needs clang++-16 with its sanitizers (package libclang-rt-16-dev).
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root" || exit 2
seconds=${1:?usage: tests/fuzz/run.sh SECONDS [TARGET ...]}
shift

build=${ROCKWATCH_FUZZ_BUILD:-build/fuzz}
export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
# clang does not know one of our g++ options, and reads no precompiled header of g++'s.
cmake -S . -B "$build" -G Ninja -DCMAKE_CXX_COMPILER=clang++-16 -DCMAKE_BUILD_TYPE=Debug \
    -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1 -Wno-unused-command-line-argument -Wno-unknown-warning-option" -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
    -DROCKWATCH_WERROR=OFF -DROCKWATCH_SANITIZE=fuzzer-no-link,address,undefined -DROCKWATCH_FUZZ=ON \
    -DBUILD_TESTING=OFF >/dev/null || exit 1

targets=("$@")
if [ ${#targets[@]} = 0 ]; then
    for folder in tests/fuzz/corpus/*/; do targets+=("$(basename "$folder")"); done
fi
cmake --build "$build" --target "${targets[@]/#/fuzz_}" || exit 1

# What it learns stays in the build; the corpus of the sources is read only.
fuzz() { # target
    mkdir -p "$build/learnt/$1" "$build/found"
    if nice "$build/tests/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=120 -rss_limit_mb=4096 -max_len=16384 \
        -print_final_stats=1 -artifact_prefix="$build/found/$1-" "$build/learnt/$1" \
        "tests/fuzz/corpus/$1" >"$build/$1.log" 2>&1; then
        echo "$1: $(grep -a -o 'number_of_executed_units: .*' "$build/$1.log") inputs, nothing found"
    else
        echo "$1: a finding"
        tail -n 40 "$build/$1.log"
        return 1
    fi
}
export -f fuzz
export build seconds UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

# One target a core.
verdicts=$build/verdicts
: >"$verdicts.new"
printf '%s\0' "${targets[@]}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'fuzz "$1"; echo "$1 $?" >>"$0"' "$verdicts.new"
passed=$(grep -c ' 0$' "$verdicts.new")
failed=$((${#targets[@]} - passed)) # what was killed before it could say anything, too
mv "$verdicts.new" "$verdicts"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
