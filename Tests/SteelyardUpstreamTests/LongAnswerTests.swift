import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardUpstream
import Testing

@Suite("While an answer takes its time", .timeLimit(.minutes(1)))
struct LongAnswerTests {
    /// Sees a buffer's memory without keeping it.
    private struct Glimpse {
        weak var storage: AnyObject?

        init(_ buffer: ByteBuffer) {
            storage = buffer.withUnsafeReadableBytesWithStorageManagement { $1.takeUnretainedValue() }
        }
    }

    private static func start(
        bodyByteCount: Int,
        _ recorder: TransferRecorder,
        on pool: UpstreamPool
    ) async throws -> Glimpse {
        let body = ByteBuffer(repeating: 0x20, count: bodyByteCount)
        try await recorder.start(.to("/slow", method: "POST", body: .gathered(body)), on: pool)
        return Glimpse(body)
    }

    @Test("the body of its request is not kept once it has left", arguments: [0x100, 0x10_0000])
    func letsGoOfBody(byteCount: Int) async throws {
        let mayEnd = Signal()
        let server = ScriptedServer { connection in
            while let request = connection.readRequest() {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
                if request.requestLine.contains("/slow") { mayEnd.wait() }
                connection.send("k")
            }
        }
        let upstream = try UpstreamFixture(server)
        let recorder = TransferRecorder()
        let body = try await Self.start(bodyByteCount: byteCount, recorder, on: upstream.pool)
        _ = await recorder.when { $0.bodyByteCount == 1 }
        // Another one takes all threads that had a part in the start some turns.
        #expect(try await upstream.run(.to("/quick")).text == "ok")
        #expect(body.storage == nil)
        mayEnd.raise()
        #expect(await recorder.ended().text == "ok")
        #expect(upstream.server.requests.map(\.body.count) == [byteCount, 0])
    }

    @Test("a body that the provider has not taken yet is kept, whatever it answers")
    func keepsBodyUnderWay() async throws {
        let server = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
            connection.waitForClose()
        }
        let upstream = try UpstreamFixture(server)
        // More than the buffers of both kernels take.
        let byteCount = 16 << 20
        // On a handle that has sent as much before.
        let first = TransferRecorder()
        _ = try await Self.start(bodyByteCount: byteCount, first, on: upstream.pool)
        #expect(await first.ended().text == "ok")
        let recorder = TransferRecorder()
        let body = try await Self.start(bodyByteCount: byteCount, recorder, on: upstream.pool)
        _ = await recorder.when { $0.head != nil }
        #expect(body.storage != nil)
        recorder.transfer?.cancel()
        #expect(await recorder.ended().end?.failure == .cancelled)
    }
}
