#!/usr/bin/env bash
# Fuzzes each target for some seconds, from its corpus on; findings are kept in build/fuzz/found.
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

export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
passed=0 failed=0
for target in "${targets[@]}"; do
    # What it learns stays in the build; the corpus of the sources is read only.
    mkdir -p "$build/learnt/$target" "$build/found"
    if nice "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=120 -rss_limit_mb=4096 -max_len=16384 \
        -print_final_stats=1 -artifact_prefix="$build/found/$target-" "$build/learnt/$target" \
        "tests/fuzz/corpus/$target" >"$build/$target.log" 2>&1; then
        passed=$((passed + 1))
        echo "$target: $(grep -a -o 'number_of_executed_units: .*' "$build/$target.log") inputs, nothing found"
    else
        failed=$((failed + 1))
        echo "$target: a finding"
        tail -n 40 "$build/$target.log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
