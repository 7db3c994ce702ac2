# Sourced by the scripts: what a machine must have before anything is built.

# give_up STATUS MESSAGE…: statuses are those of sysexits.h; 69 is "something needed is not there".
give_up() {
    local status=$1
    shift
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit "$status"
}

# Installs missing Debian packages; without the right to do so, prints the command to run.
# On a machine without dpkg it checks nothing: the build reports what it does not find.
require_packages() {
    command -v dpkg-query >/dev/null || return 0
    local package absent=()
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || absent+=("$package")
    done
    ((${#absent[@]} == 0)) || install_packages "${absent[@]}"
}

install_packages() {
    local privileged=()
    if ((EUID != 0)); then
        # Without a terminal nobody can type a password.
        [[ -t 0 ]] && privileged=(sudo) || privileged=(sudo -n)
        "${privileged[@]}" true 2>/dev/null || give_up 69 "packages are missing; run: sudo apt-get install -y $*"
    fi
    printf 'installing %s\n' "$*" >&2
    local install=("${privileged[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@")
    # A fresh machine has no package lists, and an old one has stale lists: fetch them when the first attempt fails.
    "${install[@]}" >/dev/null 2>&1 || { "${privileged[@]}" apt-get update -qq && "${install[@]}" >/dev/null; } ||
        give_up 69 "could not install; run: sudo apt-get update && sudo apt-get install -y $*"
}

# require_swift MAJOR MINOR: ends the script when there is no Swift of at least this version.
require_swift() {
    local remedy="get $1.$2 or newer from https://www.swift.org/install/linux/" found
    command -v swift >/dev/null || give_up 69 "no Swift toolchain on the PATH; $remedy"
    read -ra found < <(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    ((${#found[@]} == 2)) || give_up 69 "cannot read the output of swift --version; $remedy"
    ((found[0] > $1 || (found[0] == $1 && found[1] >= $2))) ||
        give_up 69 "Swift ${found[0]}.${found[1]} is too old; $remedy"
}

# What compiling and linking Steelyard takes.
require_build_tools() {
    require_packages libcurl4-openssl-dev libsqlite3-dev libssl-dev libzstd-dev zlib1g-dev pkg-config ca-certificates
    require_swift 6 2
}
