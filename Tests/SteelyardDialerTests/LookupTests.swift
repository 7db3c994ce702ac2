import Glibc
import ScriptedPeer
import SteelyardDialer
import Synchronization
import Testing

/// A name whose lookup takes as long as a test wants.
enum SlowName {
    static let host = "slow.invalid"
    static let asked = Signal()
    static let mayEnd = Signal()
    /// How many of its lookups are over.
    static let endedCount = Atomic(0)

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
    guard let node, String(cString: node) == SlowName.host else { return SlowName.system(node, service, hints, result) }
    SlowName.asked.raise()
    SlowName.mayEnd.wait()
    SlowName.endedCount.wrappingAdd(1, ordering: .acquiringAndReleasing)
    return EAI_NONAME
}

@Suite("A lookup that takes long", .serialized, .timeLimit(.minutes(1)))
struct LookupTests {
    private static let slow = DialTarget(host: SlowName.host, port: 80)

    @Test("ends in time, and the dialer goes on")
    func timeout() async throws {
        let fixture = try DialFixture()
        let server = ScriptedServer { $0.waitForClose() }
        async let failure = fixture.dialer.failure(Self.slow, within: 0.05)
        await SlowName.asked.raised()
        #expect(await failure == .timedOut)
        #expect(await fixture.dialer.failure(.loopback(server.port)) == nil)
        SlowName.mayEnd.raise()
        server.stop()
    }

    @Test("blocks the dialer without the guard")
    func timeoutWithoutGuard() async throws {
        let fixture = try DialFixture(guards: .all.subtracting(.quickExit))
        let before = SlowName.endedCount.load(ordering: .acquiring)
        let ended = Signal()
        let wasOver = Mutex(false)
        let dial = fixture.dialer.dial(Self.slow, within: 30) { _ in
            let count = SlowName.endedCount.load(ordering: .acquiring)
            wasOver.withLock { $0 = count == before + 1 }
            ended.raise()
        }
        await SlowName.asked.raised()
        dial.cancel()
        SlowName.mayEnd.raise()
        await ended.raised()
        let dialerWaited = wasOver.withLock(\.self)
        #expect(dialerWaited)
    }

    @Test("does not delay others, nor its own end when it is cancelled")
    func cancelled() async throws {
        let fixture = try DialFixture()
        let server = ScriptedServer { $0.waitForClose() }
        let ended = Signal()
        let result = Mutex<DialFailure?>(nil)
        let dial = fixture.dialer.dial(Self.slow, within: 30) {
            if case .failure(let failure) = $0 { result.withLock { $0 = failure } }
            ended.raise()
        }
        await SlowName.asked.raised()
        #expect(await fixture.dialer.failure(.loopback(server.port)) == nil)
        dial.cancel()
        await ended.raised()
        #expect(result.withLock(\.self) == .cancelled)
        SlowName.mayEnd.raise()
        server.stop()
    }

    @Test("does not delay the end of the dialer")
    func shutdown() async throws {
        let fixture = try DialFixture()
        async let failure = fixture.dialer.failure(Self.slow)
        await SlowName.asked.raised()
        fixture.dialer.shutdown()
        #expect(await failure == .cancelled)
        SlowName.mayEnd.raise()
    }
}
