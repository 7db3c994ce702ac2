import Glibc
import NIOCore
import ScriptedPeer
import SteelyardExchange
import Testing

@testable import SteelyardServer

@Suite("Slow ends", .timeLimit(.minutes(1)))
struct SlowEndTests {
    @Test(
        "a slow client of an ending connection gets all of its answer, as long as it reads",
        arguments: [true, false]
    )
    func readsToTheEnd(sendsMore: Bool) async throws {
        let body = (0..<(6 << 20)).map { UInt8(truncatingIfNeeded: ($0 &* 31) >> 7) }
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
            connection.send(body)
            connection.waitForClose()
        }
        let change: (inout ServerSettings) -> Void = { settings in
            settings.limits.writeStallTimeout = .milliseconds(200)
            settings.linger.time = .milliseconds(50)
        }
        try await ServerFixture.with(provider, change) { server in
            let client = server.connect(receiveBufferBytes: 4096)
            client.send(Requests.get + "Connection: close\r\n\r\n" + (sendsMore ? Requests.clean : ""))
            _ = client.receive(through: "\r\n\r\n")
            var received = 0
            // A paced reader: the whole takes it several times as long as either limit.
            while case let piece = client.receive(count: 16 << 10), !piece.isEmpty {
                received += piece.count
                usleep(2000)
            }
            #expect(received == body.count)
        }
    }
}
