import Glibc
import ScriptedPeer
import SteelyardExchange
import SteelyardUpstream
import Testing

@Suite("An idle connection", .timeLimit(.minutes(1)))
struct IdleConnectionTests {
    private static let answer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"

    @Test("is let go of when the provider closes it, without another request")
    func closedConnection() async throws {
        let answered = Signal()
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Self.answer)
            answered.wait()
            connection.close()
        }
        let upstream = try UpstreamFixture(server)
        #expect(try await upstream.run(.post()).text == "a")
        answered.raise()
        try await Self.connectionIsLetGo(towards: server.port)
        #expect(try await upstream.run(.post()).text == "a")
    }

    @Test("is let go of when the provider closes it right behind the answer, however many there are")
    func closedBehindAnswer() async throws {
        let (asked, goOn) = (Signal(), Signal())
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            asked.raise()
            goOn.wait()
            connection.send(Self.answer)
        }
        let upstream = try UpstreamFixture(server)
        let recorders = (0..<20).map { _ in TransferRecorder() }
        for recorder in recorders { try await recorder.start(.post(), on: upstream.pool) }
        for _ in recorders { await asked.raised() }
        for _ in recorders { goOn.raise() }
        for recorder in recorders { #expect(await recorder.ended().text == "a") }
        try await Self.connectionIsLetGo(towards: server.port)
    }

    /// The end of the connection comes while the client is slow: libcurl does not look at the socket then.
    @Test("is let go of when the provider closed it while the answer waited for its client")
    func closedDuringPause() async throws {
        let body = String(repeating: "a", count: 100_000)
        let closed = Signal()
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            connection.close()
            closed.raise()
        }
        let upstream = try UpstreamFixture(server)
        let recorder = TransferRecorder(consumes: false)
        try await recorder.start(.post(), on: upstream.pool)
        await closed.raised()
        let paused = await recorder.when { $0.bodyByteCount > 64 * 1024 }
        recorder.transfer?.consumed(paused.bodyByteCount)
        #expect(await recorder.ended().end?.failure == nil)
        try await Self.connectionIsLetGo(towards: server.port)
    }

    @Test("is let go of when bytes come that nobody asked for, without another request")
    func disturbedConnection() async throws {
        let answered = Signal()
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(Self.answer)
            guard connection.index == 0 else { return connection.waitForClose() }
            answered.wait()
            connection.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            connection.waitForClose()
        }
        let upstream = try UpstreamFixture(server)
        #expect(try await upstream.run(.post()).text == "a")
        answered.raise()
        try await Self.connectionIsLetGo(towards: server.port)
        #expect(try await upstream.run(.post()).text == "a")
    }

    private static func connectionIsLetGo(towards port: UInt16) async throws {
        while try heldCount(towards: port) > 0 {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    /// How many sockets have the peer at `port` and have not been closed by their own side: states 01, ESTABLISHED, and
    /// 08, CLOSE_WAIT, of `/proc/net/tcp` (proc_pid_net(5)).
    private static func heldCount(towards port: UInt16) throws -> Int {
        let ending = ":" + String(UInt32(port) + 0x10000, radix: 16, uppercase: true).dropFirst()
        return try lines(of: "/proc/net/tcp").count { line in
            let columns = line.split(separator: " ")
            return columns.count > 3 && columns[2].hasSuffix(ending) && (columns[3] == "01" || columns[3] == "08")
        }
    }

    private static func lines(of path: String) throws -> [Substring] {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var text: [UInt8] = []
        var byte = fgetc(file)
        while byte != EOF {
            text.append(UInt8(truncatingIfNeeded: byte))
            byte = fgetc(file)
        }
        return String(decoding: text, as: UTF8.self).split(separator: "\n")
    }
}
