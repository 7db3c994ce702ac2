// swift-tools-version: 6.2
import PackageDescription

// Pure targets decide, shells move bytes. Exactly one target imports each foreign library (docs/architecture.md).
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
    .enableUpcomingFeature("InternalImportsByDefault"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

/// A Swift target of this package with the common settings.
func house(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

/// The tests of one target.
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

/// A system library, used through a module map and typed wrappers.
func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "steelyard",
    products: [.executable(name: "steelyard", targets: ["steelyard"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    ],
    targets: [
        // Pure: values and state machines that import only the standard library.
        house("SteelyardWire", []),
        house("SteelyardPolicy", []),
        house("SteelyardMetrics", []),
        house("SteelyardExchange", ["SteelyardWire", "SteelyardPolicy"]),
        // A reader: turns text into one checked value or into problems.
        house("SteelyardConfiguration", ["SteelyardPolicy", "Yams"]),
        // The only reader of clocks: pure targets are given the time.
        house("SteelyardClock", ["SteelyardPolicy"]),
        // Shells: each uses one foreign library.
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
        system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev"),
        system("COpenSSL", pkgConfig: "libcrypto", apt: "libssl-dev"),
        system("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
        house("SteelyardCoding", ["SteelyardWire", "CZlib", "CZstd", nioCore]),
        house("SteelyardDialer", ["CCurl"]),
        house(
            "SteelyardServer",
            [
                "SteelyardClock", "SteelyardCoding", "SteelyardCrypto", "SteelyardExchange", "SteelyardPolicy",
                "SteelyardWire", "SteelyardDialer", nioCore, nioPosix, nioSSL, nioTLS,
            ]
        ),
        house("SteelyardLedger", ["SteelyardPolicy", grdb, sqlite]),
        house("SteelyardTelemetry", ["SteelyardClock", logging]),
        house("SteelyardCrypto", ["SteelyardPolicy", "COpenSSL"]),
        house("SteelyardSimulator", [nioCore, nioPosix, nioHTTP1]),
        // Composition.
        house(
            "SteelyardGateway",
            [
                "SteelyardClock", "SteelyardConfiguration", "SteelyardCrypto", "SteelyardExchange", "SteelyardLedger",
                "SteelyardMetrics", "SteelyardPolicy", "SteelyardServer", "SteelyardTelemetry", "SteelyardDialer",
                "SteelyardWire",
                nioCore, nioPosix,
                logging, lifecycle, unixSignals,
            ]
        ),
        .executableTarget(
            name: "steelyard",
            dependencies: [
                "SteelyardConfiguration", "SteelyardCrypto", "SteelyardGateway", "SteelyardLedger", "SteelyardPolicy",
                "SteelyardSimulator", nioPosix, logging, lifecycle, unixSignals, argumentParser, nioCore,
            ],
            swiftSettings: settings
        ),
        // Tests.
        .target(name: "ScriptedPeer", path: "Tests/ScriptedPeer", swiftSettings: settings),
        .target(name: "SeededRandom", path: "Tests/SeededRandom", swiftSettings: settings),
        tests("SteelyardWireTests", ["SteelyardWire", "SeededRandom"]),
        tests("SteelyardPolicyTests", ["SteelyardPolicy", "SeededRandom"]),
        tests("SteelyardMetricsTests", ["SteelyardMetrics"]),
        tests("SteelyardExchangeTests", ["SteelyardExchange", "SteelyardWire", "SteelyardPolicy", "SeededRandom"]),
        tests("SteelyardConfigurationTests", ["SteelyardConfiguration", "SteelyardPolicy", "SeededRandom"]),
        .testTarget(
            name: "SteelyardDialerTests",
            dependencies: ["SteelyardDialer", "ScriptedPeer", nioCore, nioPosix],
            swiftSettings: settings,
            // The tests put a function of their own before the C library's, to make a name lookup take long.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=getaddrinfo"])]
        ),
        tests("SteelyardCodingTests", ["SteelyardCoding", "SteelyardWire", "SeededRandom", "CZlib", nioCore]),
        tests(
            "SteelyardServerTests",
            [
                "SteelyardClock", "SteelyardCoding", "SteelyardWire", "SteelyardServer", "SteelyardExchange",
                "SteelyardPolicy", "SteelyardDialer", "SteelyardSimulator", "CZlib",
                "ScriptedPeer", "SeededRandom", nioCore, nioPosix, nioSSL,
            ]
        ),
        tests(
            "SteelyardGatewayTests",
            [
                "SteelyardConfiguration", "SteelyardExchange", "SteelyardGateway", "SteelyardMetrics",
                "SteelyardPolicy", "SteelyardServer", "SteelyardTelemetry", "SteelyardDialer", "SteelyardWire",
                nioCore, nioPosix, logging, lifecycle,
            ]
        ),
        tests("SteelyardLedgerTests", ["SteelyardLedger", "SteelyardPolicy", "SeededRandom", grdb]),
        tests("SteelyardTelemetryTests", ["SteelyardTelemetry", logging]),
        tests("SteelyardCryptoTests", ["SteelyardCrypto", "SteelyardPolicy"]),
        tests("SteelyardSimulatorTests", ["SteelyardSimulator", nioCore, nioPosix, nioHTTP1]),
    ]
)
