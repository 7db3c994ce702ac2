# Sourced by the scripts: programs from Debian's packages, unpacked and not installed: an installed Prometheus would start a service. Needs clients.sh for TOOLS.

# unpack_prometheus: afterwards `$TOOLS/prometheus/usr/bin` has both programs.
unpack_prometheus() {
    [[ -x $TOOLS/prometheus/usr/bin/promtool ]] || unpack_package prometheus prometheus
}

# unpack_faketime: afterwards a library below `$TOOLS/faketime` gives a process another clock.
unpack_faketime() {
    compgen -G "$TOOLS/faketime/usr/lib/*/faketime/libfaketimeMT.so.1" >/dev/null || unpack_package faketime libfaketime
}

# unpack_package FOLDER PACKAGE: one package of Debian's into a folder of $TOOLS.
unpack_package() {
    local folder=$TOOLS/$1 package=$2
    rm -rf "$folder"
    mkdir -p "$folder"
    (cd "$folder" && apt-get download -qq "$package" && dpkg -x "$package"_*.deb . && rm "$package"_*.deb)
}
