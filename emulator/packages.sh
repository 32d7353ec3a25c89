# To be sourced: what the build needs of Debian or Ubuntu, and how to install what is missing of it.

build_packages=(
    g++ cmake ninja-build pkg-config
    nlohmann-json3-dev libsimdjson-dev libgoogle-perftools-dev libfmt-dev libspdlog-dev libcli11-dev libcpp-httplib-dev libsqlite3-dev libre2-dev
    zlib1g-dev libssl-dev libnghttp2-dev
)

# Installs those of its arguments that are not there. Says so, and only then needs root or the network.
install_missing() {
    local missing=() package
    if ! command -v dpkg-query >/dev/null; then
        echo "This is no Debian or Ubuntu: install what stands for $* yourself." >&2
        return
    fi
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing ${missing[*]}" >&2
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "Become root, or install sudo: apt-get install ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    "${as_root[@]}" apt-get update -qq >&2
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        -o Dpkg::Use-Pty=0 "${missing[@]}" >&2
}
