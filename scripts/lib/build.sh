# Sourced by the scripts: builds with progress on a terminal, and with two lines in a pipe.

# build_with_progress LOG COMMAND…: the command's output goes to LOG, and on to stderr when the command fails.
build_with_progress() {
    local log=$1 began=$SECONDS announced= status=0
    shift
    mkdir -p "${log%/*}"
    "$@" >"$log" 2>&1 &
    local build=$!
    trap 'kill "$build" 2>/dev/null || true; wait "$build" || true; printf "\n" >&2; exit 130' INT TERM
    while kill -0 "$build" 2>/dev/null; do
        sleep 0.2
        # A build with nothing to do ends before this, and needs no message.
        if ((SECONDS - began > 2)); then show_progress "$log" "$began"; fi
    done
    wait "$build" || status=$?
    trap - INT TERM
    if [[ -t 2 ]]; then printf '\r\033[K' >&2; fi
    if ((status != 0)); then
        cat "$log" >&2
        printf 'the build failed after %s; its output is also in %s\n' "$(minutes_since "$began")" "$log" >&2
    elif ((SECONDS - began > 2)); then
        printf 'built in %s\n' "$(minutes_since "$began")" >&2
    fi
    return "$status"
}

# On a terminal one line, redrawn: the build's own last "[12/345]", and for how long it has been going on.
show_progress() {
    if [[ -t 2 ]]; then
        local step
        step=$(grep -o '^\[[0-9]*/[0-9]*\]' "$1" | tail -n 1) || step='(fetching packages)'
        printf '\r\033[Kbuilding %s %s' "$step" "$(minutes_since "$2")" >&2
    elif [[ -z $announced ]]; then
        announced=yes
        printf 'building; the first time takes some minutes\n' >&2
    fi
}

# The time since SECONDS was $1, as 2:05.
minutes_since() { printf '%d:%02d' $(((SECONDS - $1) / 60)) $(((SECONDS - $1) % 60)); }
