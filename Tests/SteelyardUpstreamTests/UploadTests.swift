import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardUpstream
import SteelyardWire
import Testing

@testable import struct SteelyardUpstream.UploadQueue

@Suite("A streamed body", .timeLimit(.minutes(1)))
struct UploadTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    private static let pieces = (1...40).map { index in
        ByteBuffer(bytes: (0..<(index * 997)).map { UInt8(truncatingIfNeeded: $0 &+ index) })
    }
    private static let whole = pieces.flatMap { Array($0.readableBytesView) }

    @Test("of unknown length goes up in chunks, piece by piece")
    func unknownLength() async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        let recorder = TransferRecorder(uploads: Self.pieces)
        let request = PlannedRequest.to("/v1/files", method: "POST", body: .streamed(length: nil))
        let transcript = try await upstream.run(request, recorder: recorder)
        #expect(transcript.end?.failure == nil, "\(transcript.end?.detail ?? "")")
        #expect(transcript.questionCount == Self.pieces.count + 1)
        let received = try #require(upstream.server.requests.first)
        #expect(received.requestLine == "POST /v1/files HTTP/1.1")
        #expect(received.values(of: "Transfer-Encoding") == ["chunked"])
        #expect(received.values(of: "Content-Length") == [])
        #expect(received.values(of: "Expect") == [])
        #expect(received.body == Self.whole)
    }

    @Test("of known length goes up with that length")
    func knownLength() async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        let request = PlannedRequest.to("/", method: "PUT", body: .streamed(length: Int64(Self.whole.count)))
        let transcript = try await upstream.run(request, recorder: TransferRecorder(uploads: Self.pieces))
        #expect(transcript.end?.failure == nil, "\(transcript.end?.detail ?? "")")
        let received = try #require(upstream.server.requests.first)
        #expect(received.values(of: "Content-Length") == ["\(Self.whole.count)"])
        #expect(received.body == Self.whole)
    }

    @Test("may be empty", arguments: [nil, 0])
    func empty(length: Int64?) async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        let transcript = try await upstream.run(.to("/", method: "POST", body: .streamed(length: length)))
        #expect(transcript.end?.failure == nil)
        #expect(upstream.server.requests.first?.body == [])
    }

    @Test("that is not as long as declared never becomes a request", arguments: [2, 4])
    func wrongLength(length: Int64) async throws {
        let upstream = try UpstreamFixture(.answering(Self.ok))
        let recorder = TransferRecorder(uploads: [ByteBuffer(string: "abc")])
        let request = PlannedRequest.to("/", method: "POST", body: .streamed(length: length))
        let transcript = try await upstream.run(request, recorder: recorder)
        #expect(transcript.end?.failure == .cancelled)
        #expect(upstream.server.requests.count == 0)
        #expect(transcript.head == nil)
    }

    @Test("is not needed to its end when the provider has refused it")
    func earlyRefusal() async throws {
        let server = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno")
            connection.waitForClose()
        }
        let upstream = try UpstreamFixture(server)
        let recorder = TransferRecorder(uploads: Array(repeating: ByteBuffer(repeating: 1, count: 16_384), count: 4000))
        let request = PlannedRequest.to("/", method: "POST", body: .streamed(length: nil))
        let transcript = try await upstream.run(request, recorder: recorder)
        #expect(transcript.head?.status == 401)
        #expect(transcript.text == "no")
        #expect(transcript.end?.failure == nil, "\(transcript.end?.detail ?? "")")
    }

    @Test("whose owner leaves is cancelled and its request never complete")
    func cancelled() async throws {
        let closed = Signal()
        let server = ScriptedServer { connection in
            _ = connection.readRequest()
            closed.raise()
        }
        let upstream = try UpstreamFixture(server)
        let recorder = TransferRecorder(uploads: [ByteBuffer(string: "abc"), ByteBuffer(string: "")])
        let request = PlannedRequest.to("/", method: "POST", body: .streamed(length: 9))
        try await recorder.start(request, on: upstream.pool)
        _ = await recorder.when { !$0.departures.isEmpty }
        recorder.transfer?.cancel()
        #expect(await recorder.ended().end?.failure == .cancelled)
        await closed.raised()
        #expect(server.requests.count == 0)
    }

    @Test("is asked for one piece at a time, and not while 64 KiB wait")
    func asksWithinBounds() {
        var queue = UploadQueue(length: nil)
        var asked = [queue.shouldAsk(), queue.shouldAsk()]
        var taken = queue.append(ByteBuffer(repeating: 1, count: UploadQueue.lowWaterBytes - 1))
        asked.append(queue.shouldAsk())
        taken = queue.append(ByteBuffer(repeating: 2, count: 1)) && taken
        asked.append(queue.shouldAsk())
        let copied = withUnsafeTemporaryAllocation(byteCount: 10, alignment: 1) { queue.read(into: $0) }
        asked.append(queue.shouldAsk())
        queue.end()
        asked.append(queue.shouldAsk())
        #expect(taken)
        #expect(copied == .copied(10))
        #expect(asked == [true, false, true, false, true, false])
    }

    @Test("takes no more memory than what waits, when a slow provider never has all of it", arguments: [1, 64])
    func slowProvider(firstPieces: Int) {
        var queue = UploadQueue(length: nil)
        let piece = (0..<UploadQueue.lowWaterBytes).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 7) }
        var taken = queue.append(ByteBuffer(bytes: Array(repeating: piece, count: firstPieces).joined()))
        var isSame = true
        for _ in 1..<firstPieces { isSame = Self.read(piece.count, of: &queue) == piece && isSame }
        // A piece comes whenever one has left, and one always waits.
        var mostBytes = 0
        for _ in 0..<100 {
            taken = queue.append(ByteBuffer(bytes: piece)) && taken
            isSame = Self.read(piece.count, of: &queue) == piece && isSame
            mostBytes = max(mostBytes, queue.heldByteCount)
        }
        #expect(taken)
        #expect(isSame)
        #expect(mostBytes <= 4 * UploadQueue.lowWaterBytes)
    }

    private static func read(_ count: Int, of queue: inout UploadQueue) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { bytes, initializedCount in
            if case .copied(let copied) = queue.read(into: UnsafeMutableRawBufferPointer(bytes)) {
                initializedCount = copied
            }
        }
    }
}
