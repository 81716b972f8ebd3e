# shellcheck shell=bash
# Debian packages: what is needed for what, and how the missing ones are installed.

# Plain `swift build` needs the first two; the others are what the Swift toolchain itself runs and links with.
data_path_packages=(libzmq3-dev libhdf5-dev)
toolchain_packages=(
    binutils ca-certificates gcc git libc6-dev libcurl4 libncurses6 libsqlite3-0 libstdc++-12-dev libxml2 pkg-config tzdata
    zlib1g-dev
)
# shellcheck disable=SC2034
trait_packages=(liblz4-dev libzstd-dev libmicrohttpd-dev libsqlite3-dev)
# shellcheck disable=SC2034
test_packages=(hdf5-tools patch python3-venv shellcheck xz-utils)
# shellcheck disable=SC2034
build_packages=("${data_path_packages[@]}" "${toolchain_packages[@]}")

is_installed() {
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Installs what is missing of the named packages: as root, or with sudo where that needs no password or can ask for one.
need_packages() {
    local missing=() package
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    local install=(apt-get install -y --no-install-recommends "${missing[@]}")
    local as_root=()
    if ((EUID != 0)); then
        if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
            as_root=(sudo)
        else
            note "These packages are missing, and only root can install them. As root, run:"
            note ""
            note "    apt-get update && ${install[*]}"
            note ""
            die "packages are missing: ${missing[*]}"
        fi
    fi
    heading "Installing ${missing[*]}"
    # Hundreds of lines about unpacking help nobody; what goes wrong comes on standard error.
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" -qq >/dev/null
}
