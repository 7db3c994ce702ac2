import Glibc
import ScriptedPeer
import SteelyardDialer
import Synchronization
import Testing

@Suite("The dialer", .timeLimit(.minutes(1)))
struct LifetimeTests {
    /// Never answers CONNECT.
    private static func mute(_ reached: Signal, _ left: Signal) -> ScriptedServer {
        ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            reached.raise()
            connection.waitForClose()
            left.raise()
        }
    }

    @Test("opens 200 connections at once, and every one can be used")
    func many() async throws {
        let fixture = try DialFixture()
        let server = ScriptedServer { connection in
            while let byte = connection.take(1) { connection.send(byte) }
        }
        let dialer = fixture.dialer
        let echoes = await withTaskGroup(of: String.self) { group in
            for _ in 0..<200 {
                group.addTask { (try? await dialer.open(.loopback(server.port)).exchange("a")) ?? "failed" }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(echoes == Array(repeating: "a", count: 200))
        #expect(server.connectionCount == 200)
        server.stop()
    }

    @Test("keeps no descriptor of a connection that it has handed over")
    func descriptors() async throws {
        let fixture = try DialFixture()
        let peer = try #require(SilentPort(backlog: 1024))
        let dialer = fixture.dialer
        var sockets = await withTaskGroup(of: TestSocket?.self) { group in
            for _ in 0..<200 { group.addTask { try? await dialer.open(.loopback(peer.port)) } }
            return await group.reduce(into: [TestSocket]()) { if let socket = $1 { $0.append(socket) } }
        }
        #expect(Set(sockets.map(\.descriptor)).count == 200)
        #expect(SocketPorts.descriptorCount(connectedTo: peer.port) == 200)
        sockets = []
        #expect(SocketPorts.descriptorCount(connectedTo: peer.port) == 0)
    }

    @Test("gives a connection up when it is cancelled")
    func cancelled() async throws {
        let fixture = try DialFixture()
        let (reached, left, ended) = (Signal(), Signal(), Signal())
        let proxy = Self.mute(reached, left)
        let results = Mutex<[Result<Int32, DialFailure>]>([])
        let dial = fixture.dialer.dial(.behind(proxy), within: 30) { result in
            results.withLock { $0.append(result) }
            ended.raise()
        }
        await reached.raised()
        dial.cancel()
        await ended.raised()
        await left.raised()
        dial.cancel()
        #expect(results.withLock(\.self) == [.failure(.cancelled)])
        proxy.stop()
    }

    @Test("does nothing when it is cancelled after the end")
    func cancelledAfter() async throws {
        let fixture = try DialFixture()
        let server = ScriptedServer { connection in
            while let byte = connection.take(1) { connection.send(byte) }
        }
        let ended = Signal()
        let count = Atomic(0)
        let opened = Atomic<Int32>(-1)
        let dial = fixture.dialer.dial(.loopback(server.port), within: 30) { result in
            count.wrappingAdd(1, ordering: .relaxed)
            opened.store((try? result.get()) ?? -1, ordering: .releasing)
            ended.raise()
        }
        await ended.raised()
        dial.cancel()
        // Another dial, so that the cancellation has been carried out.
        _ = try await fixture.open(.loopback(server.port))
        #expect(TestSocket(opened.load(ordering: .acquiring)).exchange("a") == "a")
        #expect(count.load(ordering: .relaxed) == 1)
        server.stop()
    }

    /// Whichever of two is open first cancels the other, mostly in the round in which that one is open as well.
    @Test("closes a connection that was opened too late")
    func tooLate() async throws {
        let fixture = try DialFixture()
        let peer = try #require(SilentPort(backlog: 1024))
        var held: [TestSocket] = []
        for _ in 0..<100 {
            let pair = Pair()
            pair.start(on: fixture.dialer, .loopback(peer.port))
            await pair.ended.raised()
            await pair.ended.raised()
            #expect(pair.state.withLock(\.failures) == [.cancelled])
            let descriptors = pair.state.withLock(\.descriptors)
            held += descriptors.map(TestSocket.init)
        }
        #expect(held.count == 100)
        #expect(SocketPorts.descriptorCount(connectedTo: peer.port) == 100)
    }

    /// Two dials, of which each cancels the other when it is open.
    private final class Pair: Sendable {
        struct State {
            var dials: [Dial] = []
            var descriptors: [Int32] = []
            var failures: [DialFailure] = []
        }

        let state = Mutex(State())
        let ended = Signal()

        func start(on dialer: Dialer, _ target: DialTarget) {
            // Under the lock, so that no completion runs before both dials are known.
            state.withLock { state in
                state.dials = (0..<2).map { index in
                    dialer.dial(target, within: 30) { [self] in received($0, cancelling: 1 - index) }
                }
            }
        }

        private func received(_ result: Result<Int32, DialFailure>, cancelling other: Int) {
            state.withLock { state in
                switch result {
                case .success(let descriptor):
                    state.descriptors.append(descriptor)
                    state.dials[other].cancel()
                case .failure(let failure): state.failures.append(failure)
                }
            }
            ended.raise()
        }
    }

    @Test("cancels what is open when it shuts down, and what is dialed after")
    func shutdown() async throws {
        let fixture = try DialFixture()
        let (reached, left) = (Signal(), Signal())
        let proxy = Self.mute(reached, left)
        let failures = Mutex<[DialFailure]>([])
        let target = DialTarget.behind(proxy)
        @Sendable func received(_ result: Result<Int32, DialFailure>) {
            if case .failure(let failure) = result { failures.withLock { $0.append(failure) } }
        }
        for _ in 0..<20 { fixture.dialer.dial(target, within: 30, completion: received) }
        for _ in 0..<20 { await reached.raised() }
        fixture.dialer.shutdown()
        #expect(failures.withLock(\.self) == Array(repeating: .cancelled, count: 20))
        for _ in 0..<20 { await left.raised() }
        fixture.dialer.dial(target, within: 30, completion: received).cancel()
        #expect(failures.withLock(\.count) == 21)
        fixture.dialer.shutdown()
        proxy.stop()
    }

    @Test("may lose its last reference in one of its completions")
    func releasedInCompletion() async throws {
        let server = ScriptedServer { $0.waitForClose() }
        let ended = Signal()
        let holder = Holder(try Dialer())
        holder.dial(.loopback(server.port)) { result in
            if case .success(let descriptor) = result { close(descriptor) }
            holder.release()
            ended.raise()
        }
        await ended.raised()
        server.stop()
    }

    private final class Holder: Sendable {
        private let dialer: Mutex<Dialer?>

        init(_ dialer: Dialer) { self.dialer = Mutex(dialer) }

        func dial(_ target: DialTarget, completion: @escaping @Sendable (Result<Int32, DialFailure>) -> Void) {
            _ = dialer.withLock { $0?.dial(target, within: 30, completion: completion) }
        }

        func release() { dialer.withLock { $0 = nil } }
    }
}
