# Sourced by the scripts: steps with their names, their times and, when they fail, the end of their log.

# Where the logs of steps are kept.
LOG_FOLDER=.build-tools/logs

# step NAME COMMAND…: writes the command's output to a log. Shows the log's last line every 20 seconds, and at the end the
# last line and the time, or the end of the log if the command failed. Returns the command's status.
step() {
    local name=$1 log began=$SECONDS status=0 child watch
    shift
    mkdir -p "$LOG_FOLDER"
    log=$LOG_FOLDER/${name//[^A-Za-z0-9]/-}.log
    printf '==> %s\n' "$name"
    "$@" >"$log" 2>&1 </dev/null &
    child=$!
    watch_log "$child" "$log" "$began" &
    watch=$!
    wait "$child" || status=$?
    kill "$watch" 2>/dev/null || true
    wait "$watch" 2>/dev/null || true
    if ((status == 0)); then
        printf '    ok, %d s  %s\n' $((SECONDS - began)) "$(last_line "$log")"
    else
        printf '    FAILED with status %d after %d s; see %s\n' "$status" $((SECONDS - began)) "$log"
        show_failure "$log"
    fi
    return "$status"
}

# show_failure LOG: prints the end of the log, then the lines that name what failed. Those may be thousands of lines above
# the end, and people look first at what is printed last.
show_failure() {
    tail -n 60 "$1" | sed 's/^/    | /'
    printf '    what failed:\n'
    grep -aE '✘|^(FAILED|ERROR) |(error|fatal error|Fatal error): ' "$1" | grep -av ' started\.$' | cut -c 1-400 |
        tail -n 40 | sed 's/^/    | /' || true
}

# watch_log CHILD LOG BEGAN: prints the log's last line now and then while the child runs.
watch_log() {
    while sleep 20 && kill -0 "$1" 2>/dev/null; do
        printf '    %d s: %s\n' $((SECONDS - $3)) "$(last_line "$2")"
    done
}

# The last line of a log, cut to fit a terminal.
last_line() {
    local LC_ALL=C.UTF-8 line
    line=$(tail -n 1 "$1" | tr -d '\r\0')
    printf '%s' "${line:0:100}"
}
