import Glibc
import ScriptedPeer
import SteelyardDialer
import Synchronization
import Testing

/// A name whose lookup takes as long as a test wants. Some versions of libcurl look each family up by itself.
final class SlowName: Sendable {
    let host: String
    /// Raised for each of its lookups.
    let asked = Signal()
    private let gate = Signal()
    private let ended = Atomic(false)

    private static let all = Mutex<[SlowName]>([])

    init() {
        host = Self.all.withLock { "slow-\($0.count).invalid" }
        Self.all.withLock { $0.append(self) }
    }

    /// Whether a lookup is over.
    var hasEnded: Bool { ended.load(ordering: .acquiring) }

    /// Lets its lookups end, now and later.
    func end() { gate.raise() }

    /// Looks the name up.
    fileprivate func lookUp() -> Int32 {
        asked.raise()
        gate.wait()
        gate.raise()
        ended.store(true, ordering: .releasing)
        return EAI_NONAME
    }

    /// The slow name with this spelling.
    fileprivate static func named(_ host: String) -> SlowName? { all.withLock { $0.first { $0.host == host } } }

    typealias Lookup =
        @convention(c) (
            UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<addrinfo>?,
            UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
        ) -> Int32

    /// The C library's own function: the next one after the test's (dlsym(3), `RTLD_NEXT` is −1).
    static let system: Lookup = {
        let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: -1), "getaddrinfo")
        // Never nil: the C library has it. The type is the one that its manual page gives.
        return unsafeBitCast(symbol.unsafelyUnwrapped, to: Lookup.self)
    }()
}

/// Comes before the C library's function for everything in the test process, because the executable comes first.
@_cdecl("getaddrinfo")
func lookUp(
    _ node: UnsafePointer<CChar>?,
    _ service: UnsafePointer<CChar>?,
    _ hints: UnsafePointer<addrinfo>?,
    _ result: UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
) -> Int32 {
    guard let node, let slow = SlowName.named(String(cString: node)) else {
        return SlowName.system(node, service, hints, result)
    }
    return slow.lookUp()
}

@Suite("A lookup that takes long", .serialized, .timeLimit(.minutes(1)))
struct LookupTests {
    /// Since 8.20, a lookup that is given up goes on in a pool of threads, with and without the guard.
    private static let waitsForLookups = Dialer.libraryVersion.split(separator: ".").compactMap { Int($0) }
        .lexicographicallyPrecedes([8, 20])

    @Test("ends in time, and the dialer goes on")
    func timeout() async throws {
        let (fixture, slow, server) = (try DialFixture(), SlowName(), ScriptedServer { $0.waitForClose() })
        async let failure = fixture.dialer.failure(slow.target, within: 0.05)
        await slow.asked.raised()
        #expect(await failure == .timedOut)
        #expect(await fixture.dialer.failure(.loopback(server.port)) == nil)
        #expect(!slow.hasEnded)
        slow.end()
        server.stop()
    }

    @Test("blocks the dialer without the guard", .enabled(if: waitsForLookups))
    func timeoutWithoutGuard() async throws {
        let (fixture, slow, ended) = (try DialFixture(guards: .all.subtracting(.quickExit)), SlowName(), Signal())
        let dialerWaited = Mutex(false)
        let dial = fixture.dialer.dial(slow.target, within: 30) { _ in
            dialerWaited.withLock { $0 = slow.hasEnded }
            ended.raise()
        }
        await slow.asked.raised()
        dial.cancel()
        slow.end()
        await ended.raised()
        let waited = dialerWaited.withLock(\.self)
        #expect(waited)
    }

    @Test("does not delay others, nor its own end when it is cancelled")
    func cancelled() async throws {
        let (fixture, slow, server) = (try DialFixture(), SlowName(), ScriptedServer { $0.waitForClose() })
        let ended = Signal()
        let failure = Mutex<DialFailure?>(nil)
        let dial = fixture.dialer.dial(slow.target, within: 30) { result in
            if case .failure(let reason) = result { failure.withLock { $0 = reason } }
            ended.raise()
        }
        await slow.asked.raised()
        #expect(await fixture.dialer.failure(.loopback(server.port)) == nil)
        dial.cancel()
        await ended.raised()
        let reason = failure.withLock(\.self)
        #expect(reason == .cancelled)
        #expect(!slow.hasEnded)
        slow.end()
        server.stop()
    }

    @Test("does not delay the end of the dialer")
    func shutdown() async throws {
        let (fixture, slow) = (try DialFixture(), SlowName())
        async let failure = fixture.dialer.failure(slow.target)
        await slow.asked.raised()
        fixture.dialer.shutdown()
        #expect(await failure == .cancelled)
        #expect(!slow.hasEnded)
        slow.end()
    }
}

extension SlowName {
    /// A connection to it.
    fileprivate var target: DialTarget { DialTarget(host: host, port: 80) }
}
