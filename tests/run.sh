#!/usr/bin/env bash
# Installs what the tests need, builds once and runs every test. What is skipped is named with its reason; the last line
# is `N passed, N failed`.
#   tests/run.sh          C++ tests and real SDKs
#   tests/run.sh --full   also C++ tests under address, undefined and thread sanitizers, each fuzz target for
#                         ROCKWATCH_FUZZ_SECONDS (60), and clang-tidy on what changed
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 2
. emulator/packages.sh

full=
case "${1:-}" in
    '') ;;
    --full) full=1 ;;
    *) echo "usage: tests/run.sh [--full]" >&2 && exit 2 ;;
esac

# Objects of another checkout of the same sources are as good as ours.
export CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
logs=$root/build/test-logs
mkdir -p "$logs" && rm -f "$logs"/*
passed=0
failed=0
skipped=0

say_counts() {
    [ "$skipped" = 0 ] || echo "$skipped skipped, named above"
    echo "$passed passed, $failed failed"
}

# What ends the run early is one failure.
give_up() {
    [ $# -lt 2 ] || tail -n 60 "$2"
    echo "$1"
    failed=$((failed + 1))
    say_counts
    exit 1
}

# Adds the counts of a report, made by what stands behind its name, and prints what failed and what was skipped.
tally() {
    local counts
    counts=$(python3 tests/tally.py "$@") || give_up "The report of $2 cannot be read."
    echo "$counts" | sed '$d'
    read -r p f s <<<"$(echo "$counts" | tail -n 1)"
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    echo "$2: $p passed, $f failed, $s skipped"
}

build() { # preset, options of cmake
    local preset=$1 log=$logs/build-$1.log
    shift
    {
        [ -f "build/$preset/build.ninja" ] && grep -q 'BUILD_TESTING:BOOL=ON' "build/$preset/CMakeCache.txt" ||
            cmake --preset "$preset" -DBUILD_TESTING=ON "$@"
        cmake --build --preset "$preset"
    } >"$log" 2>&1 || give_up "The build $preset failed." "$log"
}

run_ctest() { # preset
    ctest --test-dir "build/$1" --output-junit "$logs/ctest-$1.xml" --test-output-size-passed 1000000 \
        --test-output-size-failed 1000000 --test-output-truncation tail --timeout 900 -j2 >"$logs/ctest-$1.log" 2>&1
    tally ctest "C++ tests, $1" "$logs/ctest-$1.xml"
}

# Not every distribution has these; tests that need one that is not there are skipped, and say so.
install_offered() {
    local package log=$logs/packages-offered.log
    for package in "$@"; do
        install_missing "$package" >"$log" 2>&1 && continue
        LC_ALL=C apt-cache policy "$package" 2>/dev/null | grep -q 'Candidate: [^(]' &&
            give_up "The package $package cannot be installed." "$log"
        echo "No package $package here: the tests that need it are skipped."
    done
}

make_venv() {
    local stamp=.venv/made-from
    cmp -s tests/sdk/requirements.lock "$stamp" && return
    rm -rf .venv
    python3 -m venv .venv &&
        .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r tests/sdk/requirements.lock &&
        cp tests/sdk/requirements.lock "$stamp"
}

run_pytest() {
    ROCKWATCH_BIN=$root/build/release/rockwatch .venv/bin/python -m pytest -q -p no:cacheprovider \
        --junitxml "$logs/pytest.xml" tests/sdk >"$logs/pytest.log" 2>&1
    [ -f "$logs/pytest.xml" ] || give_up "The SDK tests did not run." "$logs/pytest.log"
    tally pytest "SDK tests" "$logs/pytest.xml"
}

# Sources that differ from where the branch left main, or from the last commit but one on main itself.
changed_sources() {
    local base
    base=${ROCKWATCH_TIDY_BASE:-$(git merge-base HEAD origin/main 2>/dev/null || git rev-parse HEAD)}
    [ "$base" != "$(git rev-parse HEAD)" ] || base=$(git rev-parse -q --verify HEAD~1 || echo "$base")
    {
        git diff --name-only --diff-filter=d "$base" -- 'emulator/*.cpp' 'tests/*.cpp'
        git ls-files --others --exclude-standard -- 'emulator/*.cpp' 'tests/*.cpp'
    } | sort -u
}

run_clang_tidy() {
    # clang cannot read g++'s precompiled headers.
    cmake --preset tidy -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >"$logs/tidy-configure.log" 2>&1 ||
        give_up "The preset tidy cannot be configured." "$logs/tidy-configure.log"
    : >"$logs/tidy"
    # One file a core; what is wrong with each is printed as a whole.
    changed_sources >"$logs/tidy-files"
    xargs -r -P "$(nproc)" -I '{}' bash -c '
        told=$(clang-tidy-16 -quiet -p build/tidy --extra-arg=-Wno-unused-command-line-argument \
            --extra-arg=-Wno-unknown-warning-option "$1" 2>/dev/null)
        verdict=$?
        [ "$verdict" = 0 ] || echo "$told"
        echo "$verdict $1" >>"$0"' "$logs/tidy" '{}' <"$logs/tidy-files"
    p=$(grep -c '^0 ' "$logs/tidy") f=$(($(wc -l <"$logs/tidy-files") - p))
    passed=$((passed + p)) failed=$((failed + f))
    echo "clang-tidy: $p clean, $f not"
}

run_fuzzers() {
    local counts
    tests/fuzz/run.sh "${ROCKWATCH_FUZZ_SECONDS:-60}" >"$logs/fuzz.log" 2>&1 || cat "$logs/fuzz.log"
    counts=$(sed -n '$s/\([0-9]*\) passed, \([0-9]*\) failed/\1 \2/p' "$logs/fuzz.log")
    [ -n "$counts" ] || give_up "The fuzz targets did not run."
    read -r p f <<<"$counts"
    passed=$((passed + p)) failed=$((failed + f))
    echo "Fuzz targets: $p without a finding, $f with one"
}

packages=("${build_packages[@]}" catch2 ccache python3 git curl)
python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3-venv)
[ -z "$full" ] || packages+=(clang-tidy-16 clang-16 libclang-rt-16-dev)
install_missing "${packages[@]}" >"$logs/packages.log" 2>&1 || give_up "Packages are missing." "$logs/packages.log"
install_offered awscli chromium
make_venv >"$logs/venv.log" 2>&1 || give_up "The Python packages cannot be installed." "$logs/venv.log"

build release
run_ctest release
run_pytest
if [ -n "$full" ]; then
    export ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    export TSAN_OPTIONS="halt_on_error=1 suppressions=$root/tests/tsan.supp"
    for preset in asan tsan; do
        build "$preset"
        run_ctest "$preset"
    done
    run_fuzzers
    run_clang_tidy
fi

say_counts
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
