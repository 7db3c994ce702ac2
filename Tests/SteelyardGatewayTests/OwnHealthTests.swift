import Dispatch
import Glibc
import NIOCore
import NIOPosix
import SteelyardConfiguration
import SteelyardMetrics
import Synchronization
import Testing

@testable import SteelyardGateway

@Suite("Steelyard's own health")
struct OwnHealthTests {
    private static func samples(_ registry: MetricRegistry) -> [String: Double] {
        var text: [UInt8] = []
        registry.render(.text, into: &text)
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
        return lines.reduce(into: [:]) { samples, line in
            let parts = line.split(separator: " ")
            samples[String(parts[0])] = Double(parts[1])
        }
    }

    @Test("reads figures of the process that can be true")
    func process() throws {
        let registry = MetricRegistry(maximumSeries: 100)
        ProcessReadings.declare(in: registry)
        let samples = Self.samples(registry)
        let now = Double(time(nil))
        #expect(try #require(samples["process_cpu_seconds_total"]) >= 0)
        #expect(try 1e6..<1e12 ~= #require(samples["process_resident_memory_bytes"]))
        #expect(
            try #require(samples["process_virtual_memory_bytes"])
                > #require(samples["process_resident_memory_bytes"])
        )
        #expect(try 1..<10_000 ~= #require(samples["process_threads"]))
        #expect(try now - 86_400..<now + 2 ~= #require(samples["process_start_time_seconds"]))
        #expect(try 3..<100_000 ~= #require(samples["process_open_fds"]))
        #expect(try #require(samples["process_max_fds"]) >= #require(samples["process_open_fds"]))
    }

    @Test("tells the last reload and when one last worked, in Prometheus' words")
    func reloads() {
        let registry = MetricRegistry(maximumSeries: 100)
        let reloads = Reloads(startedAtSeconds: 1000)
        reloads.declare(in: registry)
        func expect(_ isSuccessful: Double, _ seconds: Double, at location: SourceLocation = #_sourceLocation) {
            let samples = Self.samples(registry)
            #expect(samples["steelyard_config_last_reload_successful"] == isSuccessful, sourceLocation: location)
            let timestamp = samples["steelyard_config_last_reload_success_timestamp_seconds"]
            #expect(timestamp == seconds, sourceLocation: location)
        }
        expect(1, 1000)
        _ = reloads.run(nowSeconds: { 2000 }, { ReloadReport(isDone: false, problems: []) })
        expect(0, 1000)
        _ = reloads.run(nowSeconds: { 3000 }, { ReloadReport(isDone: true, problems: []) })
        expect(1, 3000)
    }

    @Test("sees an event loop that is blocked now, before it goes on")
    func blockedLoop() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let lag = LoopLag()
        let (blocked, isBlocked) = AsyncStream<Void>.makeStream()
        let release = DispatchSemaphore(value: 0)
        group.next().execute {
            isBlocked.finish()
            release.wait()
        }
        for await _ in blocked {}
        lag.watch(group)
        #expect(lag.takeWorst(at: .now()) == 0)
        #expect(lag.takeWorst(at: .now() + .seconds(60)) > 59_000_000_000)
        lag.stop()
        release.signal()
        try await group.shutdownGracefully()
    }
}

@Suite("Why a gateway cannot start")
struct GatewayErrorTests {
    private static let address = ListenAddress(host: "127.0.0.1", port: 80)

    /// The system's error, the message in the shell, and the status from sysexits.
    static let errors: [(any Error, String, Int32)] = [
        (
            IOError(errnoCode: EADDRINUSE, reason: "bind(descriptor:ptr:bytes:)"),
            "cannot listen on 127.0.0.1:80: Address already in use", EX_UNAVAILABLE
        ),
        (
            IOError(errnoCode: EADDRNOTAVAIL, reason: "bind"),
            "cannot listen on 127.0.0.1:80: Cannot assign requested address", EX_UNAVAILABLE
        ),
        (
            IOError(errnoCode: EACCES, reason: "bind"),
            "cannot listen on 127.0.0.1:80: this user is not allowed to use ports below 1024", EX_NOPERM
        ),
        (
            IOError(errnoCode: EMFILE, reason: "socket"),
            "the system lacks a resource that the gateway needs: Too many open files", EX_OSERR
        ),
    ]

    @Test("is said in a sentence, with the status that sysexits has for it", arguments: errors)
    func sentences(error: any Error, sentence: String, status: Int32) {
        let gatewayError = GatewayError(binding: Self.address, failedWith: error)
        #expect("\(gatewayError)" == sentence)
        #expect(gatewayError.exitStatus == status)
        #expect(GatewayError.badPrices("x").exitStatus == EX_CONFIG)
    }
}
