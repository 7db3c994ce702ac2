import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardUpstream
import SteelyardWire
import Testing

@testable import class SteelyardUpstream.Credit

@Suite("Flow control", .timeLimit(.minutes(1)))
struct FlowControlTests {
    /// What may be under way to a client: the limit, and the one buffer of libcurl that took it beyond.
    private static let boundBytes = Credit.limitBytes + 16 * 1024
    private static let answer = (0..<(1024 * 1024)).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 8) }

    /// Answers `/large` with ``answer``, everything else with two.
    private static func server(chunked: Bool = false) -> ScriptedServer {
        ScriptedServer { connection in
            while let request = connection.readRequest() {
                guard request.requestLine.contains("/large") else {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    continue
                }
                if chunked {
                    connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    for start in stride(from: 0, to: answer.count, by: 4096) {
                        connection.send("1000\r\n")
                        connection.send(Array(answer[start..<(start + 4096)]))
                        connection.send("\r\n")
                    }
                    connection.send("0\r\n\r\n")
                } else {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(answer.count)\r\n\r\n")
                    connection.send(answer)
                }
            }
        }
    }

    @Test("holds a fast provider when the client does not read", arguments: [false, true])
    func holdsWhenNothingIsConsumed(chunked: Bool) async throws {
        let upstream = try UpstreamFixture(Self.server(chunked: chunked))
        let slow = TransferRecorder(consumes: false)
        try await slow.start(.to("/large"), on: upstream.pool)
        _ = await slow.when { $0.bodyByteCount > Credit.limitBytes }
        // Each of these takes the worker several rounds, in which the slow one could get more.
        for _ in 0..<50 { #expect(try await upstream.run(.to("/small")).text == "ok") }
        let held = slow.transcript
        #expect(held.end == nil)
        #expect(held.bodyByteCount <= Self.boundBytes, "\(held.bodyByteCount) bytes under way")
        slow.transfer?.consumed(held.bodyByteCount)
        _ = await slow.when { $0.bodyByteCount > held.bodyByteCount + Credit.limitBytes }
        for _ in 0..<10 { #expect(try await upstream.run(.to("/small")).text == "ok") }
        #expect(slow.transcript.bodyByteCount <= held.bodyByteCount + Self.boundBytes)
    }

    @Test("loses no byte between holding and going on", arguments: [false, true])
    func losesNothing(chunked: Bool) async throws {
        let upstream = try UpstreamFixture(Self.server(chunked: chunked))
        let recorder = TransferRecorder(consumes: false)
        try await recorder.start(.to("/large"), on: upstream.pool)
        var consumed = 0
        while consumed < Self.answer.count {
            let seen = consumed
            let transcript = await recorder.when { $0.bodyByteCount > seen || $0.end != nil }
            #expect(transcript.bodyByteCount - consumed <= Self.boundBytes)
            let step = min(transcript.bodyByteCount - consumed, 10_007)
            guard step > 0 else { break }
            recorder.transfer?.consumed(step)
            consumed += step
        }
        let transcript = await recorder.ended()
        #expect(transcript.end?.failure == nil)
        #expect(transcript.body == Self.answer)
    }

    @Test("a waiting transfer can be cancelled")
    func heldTransferIsCancelled() async throws {
        let upstream = try UpstreamFixture(Self.server())
        let recorder = TransferRecorder(consumes: false)
        try await recorder.start(.to("/large"), on: upstream.pool)
        _ = await recorder.when { $0.bodyByteCount > Credit.limitBytes }
        recorder.transfer?.cancel()
        let transcript = await recorder.ended()
        #expect(transcript.end?.failure == .cancelled)
        #expect(transcript.disorder == [])
    }

    @Test("credit is asked back at half the limit, once")
    func creditHasHysteresis() {
        let credit = Credit()
        credit.delivered(Credit.limitBytes)
        #expect(!credit.mustWait())
        credit.delivered(1)
        #expect(credit.mustWait())
        #expect(!credit.consumed(Credit.limitBytes / 2))
        #expect(credit.consumed(2))
        #expect(!credit.consumed(10))
        #expect(!credit.mustWait())
        #expect(credit.outstandingByteCount == Credit.limitBytes / 2 - 11)
    }

    /// The worker waits exactly as often as it is woken, whatever the two threads do at the same time.
    @Test("no wake-up is lost between two threads")
    func noWakeUpIsLost() async {
        let (credit, finished, woken) = (Credit(), Signal(), Signal())
        let pieces = 20_000
        inNewThread {
            for _ in 0..<pieces {
                if credit.mustWait() { woken.wait() }
                credit.delivered(8 * 1024)
            }
            finished.raise()
        }
        inNewThread {
            var consumed = 0
            while consumed < pieces {
                guard credit.outstandingByteCount >= 8 * 1024 else { continue }
                if credit.consumed(8 * 1024) { woken.raise() }
                consumed += 1
            }
        }
        await finished.raised()
    }
}

@Suite("Cancelling", .timeLimit(.minutes(1)))
struct CancellingTests {
    @Test("a stalled transfer closes its connection and ends it")
    func stalledTransfer() async throws {
        let closed = Signal()
        let server = ScriptedServer { connection in
            _ = connection.readRequest()
            connection.waitForClose()
            closed.raise()
        }
        let upstream = try UpstreamFixture(server)
        let recorder = TransferRecorder()
        try await recorder.start(.post(), on: upstream.pool)
        _ = await recorder.when { !$0.departures.isEmpty }
        recorder.transfer?.cancel()
        recorder.transfer?.cancel()
        let transcript = await recorder.ended()
        #expect(transcript.end?.failure == .cancelled)
        #expect(transcript.end?.reachedProvider == true)
        await closed.raised()
        recorder.transfer?.cancel()
        recorder.transfer?.consumed(1)
        recorder.transfer?.send(ByteBuffer())
        #expect(recorder.transcript.disorder == [])
    }

    @Test("at once after the start still reports the end, once")
    func atOnce() async throws {
        let upstream = try UpstreamFixture(.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
        for _ in 0..<50 {
            let recorder = TransferRecorder()
            try await recorder.start(.to("/"), on: upstream.pool)
            recorder.transfer?.cancel()
            let transcript = await recorder.ended()
            #expect(transcript.end?.failure == nil || transcript.end?.failure == .cancelled)
            #expect(transcript.disorder == [])
        }
        #expect(try await upstream.run(.to("/")).text == "ok")
    }
}
