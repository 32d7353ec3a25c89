#!/usr/bin/env bash
# Installs what the tests need, builds once and runs every test. The last line is `N passed, N failed`.
#   tests/run.sh          C++ tests and real SDKs
#   tests/run.sh --full   also C++ tests under address, undefined and thread sanitizers, and clang-tidy on what changed
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

# What ends the run early is one failure.
give_up() {
    [ $# -lt 2 ] || tail -n 60 "$2"
    echo "$1"
    echo "$passed passed, $((failed + 1)) failed"
    exit 1
}

# Adds the counts of a report, made by what stands behind its name, and prints what failed.
tally() {
    local counts
    counts=$(python3 tests/tally.py "$@") || give_up "The report of $2 cannot be read."
    echo "$counts" | sed '$d'
    read -r p f <<<"$(echo "$counts" | tail -n 1)"
    passed=$((passed + p)) failed=$((failed + f))
    echo "$2: $p passed, $f failed"
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
    local file
    for file in $(changed_sources); do
        if clang-tidy-16 -quiet -p build/tidy --extra-arg=-Wno-unused-command-line-argument \
            --extra-arg=-Wno-unknown-warning-option "$file" \
            >"$logs/tidy.log" 2>/dev/null; then
            passed=$((passed + 1))
        else
            failed=$((failed + 1))
            cat "$logs/tidy.log"
        fi
    done
}

packages=("${build_packages[@]}" catch2 ccache python3 git)
python3 -c 'import venv, ensurepip' 2>/dev/null || packages+=(python3-venv)
[ -z "$full" ] || packages+=(clang-tidy-16)
install_missing "${packages[@]}" >"$logs/packages.log" 2>&1 || give_up "Packages are missing." "$logs/packages.log"
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
    run_clang_tidy
fi

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
