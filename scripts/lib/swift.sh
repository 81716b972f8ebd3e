# shellcheck shell=bash
# The Swift toolchain and the folders it builds into.

# The oldest toolchain that can read Package.swift.
swift_minimum=6.2

need_swift() {
    local folder
    if ! command -v swift >/dev/null; then
        for folder in /opt/swift/usr/bin "$HOME/.local/share/swiftly/bin" /usr/libexec/swift/bin; do
            if [[ -x $folder/swift ]]; then
                PATH=$folder:$PATH
                break
            fi
        done
    fi
    if ! command -v swift >/dev/null; then
        note "The Swift toolchain is missing. Get version $swift_minimum or newer for this system from"
        note ""
        note "    https://www.swift.org/install/linux/"
        note ""
        note "unpack it, for example into /opt/swift, and put its usr/bin folder into PATH."
        die "there is no swift in PATH"
    fi
    local version
    version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' | head -n1 || true)
    [[ -n $version ]] || die "$(command -v swift) does not work: $(swift --version 2>&1 | head -n1)"
    if [[ $(printf '%s\n' "$swift_minimum" "$version" | sort -V | head -n1) != "$swift_minimum" ]]; then
        die "Swift $version at $(command -v swift) is too old; $swift_minimum or newer is needed (https://www.swift.org/install/linux/)"
    fi
    note "Swift $version"
}

# All scripts build with the same options, so that they share their results.
# shellcheck disable=SC2034
traits=(--traits "Compression,Control")
