# Sourced by scripts/fuzz: building and running the harnesses in Tests/Fuzz.
#
# swiftc builds them, not the package manager: each harness is an executable whose `main` is libFuzzer's, and every
# module that is fuzzed has to be compiled for it.

FUZZ=.build-tools/fuzz
# With assertions, although optimized.
FUZZ_FLAGS=(-O -assert-config Debug -enable-testing -parse-as-library -sanitize=fuzzer,address
    -I "$FUZZ" -module-cache-path "$FUZZ/cache")
# As in Package.swift.
LANGUAGE=(-swift-version 6 -package-name steelyard -enable-upcoming-feature ExistentialAny
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature MemberImportVisibility)

# The targets' names.
fuzz_targets() {
    local file
    for file in Tests/Fuzz/[a-z]*.swift; do basename "$file" .swift; done
}

# modules_of TARGET: the modules that its harness needs, the lower ones first.
modules_of() {
    case $1 in
        config) echo SteelyardPolicy Yams SteelyardConfiguration ;;
        keys) echo SteelyardPolicy ;;
        *) echo SteelyardWire ;;
    esac
}

# is_older FILE FOLDERS…: whether a file is missing, or something in the folders is newer.
is_older() {
    local file=$1
    shift
    [[ ! -e $file || -n $(find "$@" -type f -newer "$file" -print -quit) ]]
}

# build_module NAME FLAGS… SOURCES: compiles a folder of sources into NAME.o and NAME.swiftmodule.
build_module() {
    local name=$1 sources=$2
    shift 2
    is_older "$FUZZ/$name.o" "$sources" || return 0
    echo "compiling $name"
    find "$sources" -name '*.swift' >"$FUZZ/$name.sources"
    swiftc "${FUZZ_FLAGS[@]}" "$@" -wmo -module-name "$name" -emit-module -emit-module-path "$FUZZ/$name.swiftmodule" \
        -c "@$FUZZ/$name.sources" -o "$FUZZ/$name.o"
}

# Yams and the C library in it, from the package manager's checkout; its own code need not pass our checks.
build_yams() {
    local yams=.build/checkouts/Yams/Sources source
    [[ -d $yams ]] || swift package resolve || return
    is_older "$FUZZ/Yams.o" "$yams" || return 0
    for source in "$yams"/CYaml/src/*.c; do
        clang -c -O1 -g -fsanitize=fuzzer-no-link,address -DYAML_DECLARE_STATIC -I "$yams/CYaml/include" "$source" \
            -o "$FUZZ/CYaml-$(basename "$source" .c).o" || return
    done
    build_module Yams "$yams/Yams" -suppress-warnings -D SWIFT_PACKAGE -I "$yams/CYaml/include"
}

# build_harness TARGET: makes the executable FUZZ/TARGET.
build_harness() {
    local target=$1 module objects=() include=()
    mkdir -p "$FUZZ"
    for module in $(modules_of "$target"); do
        if [[ $module == Yams ]]; then
            build_yams || return
            objects+=("$FUZZ"/CYaml-*.o)
            include=(-I .build/checkouts/Yams/Sources/CYaml/include)
        else
            build_module "$module" "Sources/$module" "${LANGUAGE[@]}" "${include[@]}" || return
        fi
        objects+=("$FUZZ/$module.o")
    done
    is_older "$FUZZ/$target" "Tests/Fuzz/$target.swift" Tests/Fuzz/FuzzInput.swift "${objects[@]}" || return 0
    swiftc "${FUZZ_FLAGS[@]}" "${LANGUAGE[@]}" "${include[@]}" -wmo -module-name "Fuzz_$target" \
        Tests/Fuzz/FuzzInput.swift "Tests/Fuzz/$target.swift" "${objects[@]}" -o "$FUZZ/$target" &&
        echo "built $FUZZ/$target"
}

# run_harness TARGET SECONDS: runs it and prints a line of the table; 1 if it found something.
run_harness() {
    local target=$1 seconds=$2 status=0 finding=none figures
    local log=$FUZZ/$target.log learned=$FUZZ/learned/$target findings=$FUZZ/findings/$target
    mkdir -p "$learned" "$findings"
    # Without the variable, Swift's own backtracer would take minutes for each finding. Leaks are not the question:
    # Swift keeps what it has looked up once.
    SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 "$FUZZ/$target" -max_len=4096 -timeout=10 -rss_limit_mb=4096 \
        -max_total_time="$seconds" -artifact_prefix="$findings/" "$learned" "Tests/Fuzz/corpus/$target" \
        >"$log" 2>&1 || status=$?
    if ((status != 0)); then finding=$(LC_ALL=C sed -n 's/.*Test unit written to \(.*\)/\1/p' "$log" | tail -n 1); fi
    figures=$(figures_of "$log")
    # shellcheck disable=SC2086 # three figures, three columns
    printf '%-10s %12s %10s %10s %8s  %s\n' "$target" $figures "${finding:-see $log}"
    return $((status != 0))
}

# figures_of LOG: runs, runs per second, coverage and inputs, from libFuzzer's last line that has them.
figures_of() {
    grep -a 'cov: ' "$1" | tail -n 1 |
        sed -E 's/^#([0-9]+).*cov: ([0-9]+).*corp: ([0-9]+).*exec\/s: ([0-9]+).*/\1 \4 \2 \3/' | grep . || echo '- - - -'
}
