import SteelyardSimulator
import Testing

@testable import SteelyardServer

/// Every way in which a bad request may arrive: the decoder must find the same fault in each.
enum Delivery: CaseIterable {
    case whole
    /// As many writes as there are bytes (of very large ones, 4096).
    case byByte
    case splitAtLineEnds
    /// Behind a request that is being answered.
    case pipelined
    /// Behind a request whose answer is waited for.
    case pipelinedBehindSlow

    func send(_ bytes: [UInt8], over client: RawClient) {
        switch self {
        case .whole: client.send(bytes)
        case .byByte: for piece in bytes.pieces(of: max(1, bytes.count / 4096)) { client.send(piece) }
        case .splitAtLineEnds: for line in bytes.lines { client.send(line) }
        case .pipelined: client.send(Array(Requests.clean.utf8) + bytes)
        case .pipelinedBehindSlow:
            client.send(Array((Requests.get + "x-simulate: delay-ms=20\r\n\r\n").utf8) + bytes)
        }
    }

    /// Whether a clean request goes before.
    var isPipelined: Bool { self == .pipelined || self == .pipelinedBehindSlow }
}

@Suite("Bad requests", .timeLimit(.minutes(2)))
struct BadRequestTests {
    @Test("is refused in OpenAI's envelope, closes, and reaches no provider", arguments: BadRequests.rows)
    func refused(_ row: BadRequest) async throws {
        try await ServerFixture.with { server, witness in
            for delivery in Delivery.allCases {
                witness.removeAll()
                let client = server.connect()
                delivery.send(row.bytes, over: client)
                if delivery.isPipelined { #expect(client.receiveAnswer()?.status == 200, "\(delivery)") }
                check(client, row, delivery)
                let seen = witness.entries.map { "\($0.method) \($0.target)" }
                #expect(seen.count == (delivery.isPipelined ? 1 : 0), "\(delivery): \(seen)")
                #expect(server.answer(to: Requests.clean)?.status == 200, "\(delivery): the next request")
                #expect(server.services.gatherBudget.takenBytes == 0, "\(delivery)")
                #expect(!witness.entries.contains { $0.target.contains("smuggled") })
            }
            #expect(server.services.exchangeCount == 0)
            #expect(server.recorder.inFlight == 0)
            #expect(server.recorder.records.isEmpty, "a charge was opened")
        }
    }

    private func check(_ client: RawClient, _ row: BadRequest, _ delivery: Delivery) {
        let answer = client.receiveAnswer()
        #expect(answer?.status == row.status, "\(delivery)")
        #expect(answer?.envelope?.code == row.code, "\(delivery)")
        #expect(answer?.envelope?.type == "invalid_request_error", "\(delivery)")
        #expect(answer?.field("x-request-id")?.hasPrefix("req_") == true, "\(delivery)")
        #expect(answer?.field("connection") == "close", "\(delivery)")
        let rest = client.receiveAll()
        #expect(rest.bytes.isEmpty && rest.ending == .fin, "\(delivery): after the answer came \(rest)")
    }
}

extension [UInt8] {
    /// Pieces of a size; the last may be shorter.
    func pieces(of size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }

    /// Pieces that end after each CRLF.
    var lines: [ArraySlice<UInt8>] {
        var (lines, rest) = ([ArraySlice<UInt8>](), self[...])
        while let end = rest.firstRange(of: [13, 10])?.upperBound {
            lines.append(rest[..<end])
            rest = rest[end...]
        }
        return rest.isEmpty ? lines : lines + [rest]
    }
}
