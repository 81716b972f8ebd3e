# shellcheck shell=bash
# What all scripts share: where the repository is, and how they talk.

# shellcheck disable=SC2034 # used by the scripts that source this file
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

heading() { printf '\n== %s\n' "$*" >&2; }
note() { printf '%s\n' "$*" >&2; }
die() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}
