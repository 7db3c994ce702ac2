import Glibc
import NIOCore
import NIOPosix
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardUpstream
import SteelyardWire
import Synchronization
import Testing

@Suite("The pool", .timeLimit(.minutes(1)))
struct UpstreamPoolTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    @Test("runs a thousand transfers at the same time")
    func thousandTransfers() async throws {
        let count = 1000
        let arrived = Atomic<Int>(0)
        let all = Signal()
        let server = ScriptedServer { connection in
            while connection.readRequest() != nil {
                if arrived.wrappingAdd(1, ordering: .relaxed).newValue == count {
                    for _ in 0..<count { all.raise() }
                }
                all.wait()
                connection.send(Self.ok)
            }
        }
        _ = EnvironmentProxy.server
        let pool = try UpstreamPool(workerCount: 2, providers: [.loopback(server.port)])
        defer { pool.shutdown() }
        let recorders = (0..<count).map { _ in TransferRecorder() }
        for (index, recorder) in recorders.enumerated() { try await recorder.start(.post(), on: pool, worker: index) }
        for recorder in recorders {
            let transcript = await recorder.ended()
            #expect(transcript.end?.failure == nil, "\(transcript.end?.detail ?? "")")
            #expect(transcript.text == "ok")
            #expect(transcript.disorder == [])
        }
        #expect(server.requests.count == count)
        server.stop()
    }

    @Test("keeps a routed request's provider over a reload")
    func reload() async throws {
        let servers = (0..<2).map { ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\($0)") }
        let upstream = try UpstreamFixture(servers[0])
        let old = upstream.pool.providers[0]
        #expect(try await upstream.run(.to("/")).text == "0")
        upstream.pool.replaceProviders([.loopback(servers[1].port), old])
        #expect(try await upstream.run(.to("/")).text == "1")
        let late = TransferRecorder()
        try await late.start(.to("/"), on: upstream.pool, to: old)
        #expect(await late.ended().text == "0")
        #expect(servers[0].connectionCount == 1, "an unchanged provider keeps its connections")
        upstream.pool.replaceProviders([.loopback(servers[1].port)])
        #expect(try await upstream.run(.to("/"), to: old).text == "0", "one that is gone can still be asked")
        servers[1].stop()
    }

    @Test("hands over all openings of a round before any of its requests leaves")
    func openings() async throws {
        let server = ScriptedServer.answering(Self.ok)
        let (entered, goOn) = (Signal(), Signal())
        let rounds = Mutex<[[UInt64]]>([])
        let seen = Mutex<[Int]>([])
        let pool = try UpstreamPool(workerCount: 1, providers: [.loopback(server.port)]) { openings in
            rounds.withLock { $0.append(openings.map(\.charge.low)) }
            seen.withLock { $0.append(server.requests.count) }
            entered.raise()
            goOn.wait()
            return true
        }
        defer { pool.shutdown() }
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let recorders = (0..<5).map { _ in TransferRecorder() }
        func start(_ index: Int) {
            let opening = Self.opening(index)
            let request = PlannedRequest.post()
            let plan = request.plan(to: pool.providers[0], opening: opening)
            _ = pool.worker(0).start(plan, body: request.body, on: eventLoop, observer: recorders[index])
        }
        start(0)
        await entered.raised()
        for index in 1..<5 { start(index) }
        goOn.raise()
        await entered.raised()
        #expect(rounds.withLock(\.self) == [[0], [1, 2, 3, 4]])
        #expect(try #require(seen.withLock { $0.last }) <= 1)
        goOn.raise()
        for recorder in recorders { #expect(await recorder.ended().end?.failure == nil) }
        server.stop()
    }

    @Test("sends nothing that must be on record and is not, and the rest of the round all the same")
    func unrecorded() async throws {
        let server = ScriptedServer.answering(Self.ok)
        let (entered, goOn) = (Signal(), Signal())
        let rounds = Mutex<[Int]>([])
        let pool = try UpstreamPool(workerCount: 1, providers: [.loopback(server.port)]) { openings in
            rounds.withLock { $0.append(openings.count) }
            entered.raise()
            goOn.wait()
            return false
        }
        defer { pool.shutdown() }
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        let recorders = (0..<5).map { _ in TransferRecorder() }
        func start(_ index: Int, opens: Bool, must: Bool) {
            var request = PlannedRequest.post(target: "/\(index)")
            request.mustBeRecorded = must
            let opening = opens ? Self.opening(index) : nil
            let plan = request.plan(to: pool.providers[0], opening: opening)
            _ = pool.worker(0).start(plan, body: request.body, on: eventLoop, observer: recorders[index])
        }
        start(0, opens: true, must: true)
        await entered.raised()
        start(1, opens: true, must: true)
        start(2, opens: true, must: false)
        start(3, opens: false, must: false)
        start(4, opens: true, must: true)
        goOn.raise()
        await entered.raised()
        #expect(server.requests.isEmpty, "nothing of a round leaves before its openings were tried")
        goOn.raise()
        var ends: [TransferFailure?] = []
        for recorder in recorders {
            let transcript = await recorder.ended()
            #expect(transcript.disorder == [])
            #expect(transcript.end?.reachedProvider == (transcript.end?.failure == nil))
            ends.append(transcript.end?.failure)
        }
        #expect(ends == [.unrecorded, .unrecorded, nil, nil, .unrecorded])
        #expect(rounds.withLock(\.self) == [1, 3], "a round without openings asks nothing")
        #expect(server.requests.map(\.requestLine).sorted() == ["POST /2 HTTP/1.1", "POST /3 HTTP/1.1"])
        server.stop()
    }

    private static func opening(_ index: Int) -> ChargeOpening {
        ChargeOpening(
            charge: ChargeID(high: 0, low: UInt64(index)),
            team: "t",
            model: "m",
            endpoint: "e",
            provider: "p",
            openedAtSeconds: 0
        )
    }

    @Test("ends what runs when it shuts down, and what is started after")
    func shutdown() async throws {
        let server = ScriptedServer { connection in
            _ = connection.readRequest()
            connection.waitForClose()
        }
        let upstream = try UpstreamFixture(server)
        let running = TransferRecorder()
        try await running.start(.post(), on: upstream.pool)
        _ = await running.when { !$0.departures.isEmpty }
        upstream.pool.shutdown()
        #expect(await running.ended().end?.failure == .cancelled)
        let late = try await upstream.run(.post())
        #expect(late.end == TransferEnd(failure: .cancelled, reachedProvider: false, detail: late.end?.detail ?? ""))
        upstream.pool.shutdown()
    }

    /// In a process of its own, because every other test opens descriptors as well.
    @Test("leaves no descriptor open")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            func openDescriptors() -> [String] {
                (0..<1024).compactMap { number in
                    var target = [CChar](repeating: 0, count: 200)
                    let count = readlink("/proc/self/fd/\(number)", &target, target.count)
                    guard count >= 0 else { return nil }
                    return "\(number) \(String(decoding: target[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self))"
                }
            }
            let server = ScriptedServer { connection in
                while let request = connection.readRequest(), request.requestLine.hasPrefix("GET /0 ") {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                }
                connection.waitForClose()
            }
            _ = MultiThreadedEventLoopGroup.singleton.next()
            try await MultiThreadedEventLoopGroup.singleton.next().submit {}.get()
            _ = EnvironmentProxy.server
            // Dispatch keeps a descriptor for each clock from its first timer on, which the test's own time limit needs.
            try await Task.sleep(for: .nanoseconds(1), clock: .continuous)
            try await Task.sleep(for: .nanoseconds(1), clock: .suspending)
            let before = openDescriptors()
            for round in 0..<3 {
                let pool = try UpstreamPool(workerCount: 2, providers: [.loopback(server.port)])
                let recorders = (0..<40).map { _ in TransferRecorder() }
                for (index, recorder) in recorders.enumerated() {
                    try await recorder.start(.to("/\(index % 2)"), on: pool, worker: index + round)
                }
                for (index, recorder) in recorders.enumerated() {
                    _ = await recorder.when { index % 2 == 0 ? $0.end != nil : !$0.departures.isEmpty }
                    recorder.transfer?.cancel()
                    _ = await recorder.ended()
                }
                pool.shutdown()
            }
            // Ours are closed by now; the server's ends close as soon as their scripts notice.
            let patience = NIODeadline.now() + .seconds(20)
            while openDescriptors().count != before.count, NIODeadline.now() < patience { sched_yield() }
            let after = openDescriptors()
            #expect(after.count == before.count, "before: \(before), after: \(after)")
        }
    }
}
