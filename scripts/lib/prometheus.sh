# Sourced by the scripts: Prometheus and promtool from Debian's package, unpacked and not installed: the installed one would start a service. Needs clients.sh for TOOLS.

# unpack_prometheus: afterwards `$TOOLS/prometheus/usr/bin` has both programs.
unpack_prometheus() {
    local folder=$TOOLS/prometheus
    [[ ! -x $folder/usr/bin/promtool ]] || return 0
    rm -rf "$folder"
    mkdir -p "$folder"
    (cd "$folder" && apt-get download -qq prometheus && dpkg -x prometheus_*.deb . && rm prometheus_*.deb)
}
