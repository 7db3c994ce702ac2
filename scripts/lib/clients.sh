# Sourced by the scripts: Python environments with the real clients, one for each requirements file.

# The folder for everything downloaded for tests; git ignores it.
TOOLS=.build-tools

# client_python NAME: the interpreter of an environment.
client_python() { printf '%s/clients/%s/bin/python' "$TOOLS" "$1"; }

# make_clients NAME REQUIREMENTS: creates the environment again when its requirements have changed. The files pin every
# package, so that pip chooses nothing.
make_clients() {
    local folder=$TOOLS/clients/$1 stamp
    stamp=$(cksum <"$2")
    [[ $(cat "$folder/stamp" 2>/dev/null) != "$stamp" ]] || return 0
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$2"
    printf '%s\n' "$stamp" >"$folder/stamp"
}
