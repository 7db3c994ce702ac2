import NIOCore
import ScriptedPeer
import SteelyardCoding
import SteelyardExchange
import SteelyardSimulator
import SteelyardWire
import Testing

@testable import SteelyardServer

@Suite("Request bodies in a coding", .timeLimit(.minutes(1)))
struct CodedBodyTests {
    private static let codings: [(String, ContentCoding)] = [
        ("gzip", .gzip), ("deflate", .deflate), ("zstd", .zstd), ("X-Gzip", .gzip),
    ]

    private static func code(_ text: String, _ coding: ContentCoding) throws -> [UInt8] {
        let encoder = try #require(BodyEncoder(coding, of: ByteBuffer(string: text)))
        while encoder.advance() == true {}
        return Array(encoder.coded.readableBytesView)
    }

    private static func decode(_ bytes: [UInt8], _ coding: ContentCoding) throws -> String {
        let decoder = try #require(BodyDecoder(coding, of: ByteBuffer(bytes: bytes), limitBytes: 100 << 20))
        while case .more = decoder.advance() {}
        return String(buffer: decoder.decoded)
    }

    private static func request(_ body: [UInt8], _ coding: String) -> [UInt8] {
        Array((Requests.post + "Content-Encoding: \(coding)\r\nContent-Length: \(body.count)\r\n\r\n").utf8) + body
    }

    @Test("go up as they came, and what they ask for is known", arguments: codings)
    func unedited(name: String, coding: ContentCoding) async throws {
        let body = try Self.code(Requests.json, coding)
        let provider = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Self.request(body, name))
            #expect(client.receiveAnswer()?.status == 200)
            #expect(provider.requests.map(\.body) == [body])
            #expect(provider.requests.first?.values(of: "content-encoding") == [name])
            try await eventually { server.recorder.summaries.map(\.modelAsked) == ["gpt-4.1"] }
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
        }
    }

    @Test("are coded again where they are edited", arguments: codings, [1, 200_000])
    func edited(coded: (String, ContentCoding), padding: Int) async throws {
        let noise = (0..<padding).map { String($0 &* 2_654_435_761 % 1_000_003) }.joined()
        let stream = #"{"model":"gpt-4.1","x":"\#(noise)","messages":[],"stream":true}"#
        let body = try Self.code(stream, coded.1)
        let provider = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            client.send(Self.request(body, coded.0))
            #expect(client.receiveAnswer()?.status == 200)
            let sent = try #require(provider.requests.first)
            #expect(sent.values(of: "content-encoding") == [coded.0])
            #expect(sent.values(of: "content-length") == [String(sent.body.count)])
            let asks = #","stream":true,"stream_options":{"include_usage":true}}"#
            #expect(try Self.decode(sent.body, coded.1) == stream.replacing(#","stream":true}"#, with: asks))
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
        }
    }

    @Test("hold the room for their copy only while it is read")
    func room() async throws {
        let body = try Self.code(#"{"model":"gpt-4.1","x":"\#(String(repeating: "y", count: 600_000))"}"#, .gzip)
        try await ServerFixture.with({ $0.gatherBytes = 500_000 }) { server, witness in
            let client = server.connect()
            client.send(Self.request(body, "gzip"))
            #expect(client.receiveAnswer()?.status == 503)
            #expect(witness.count == 0)
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
        }
    }

    @Test("that nobody here can read are the provider's to judge for a team without rules")
    func unread() async throws {
        let provider = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            for coding in ["br", "gzip, zstd", "gzip", "zstd"] {
                client.send(Self.request(Array("abcd".utf8), coding))
                #expect(client.receiveAnswer()?.status == 200)
            }
            #expect(provider.requests.allSatisfy { $0.body == Array("abcd".utf8) })
        }
    }

    @Test("leave the loop to others: a body of many small members is read in slices")
    func slices() async throws {
        let members = (0..<250_000).map { #"{"a":\#($0 &* 2_654_435_761 % 1_000_003),"b":[2]},"# }.joined()
        let body = #"{"model":"gpt-4.1","messages":[],"x":[\#(members)0]}"#
        let provider = ScriptedServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            for coding in ["identity", "zstd"] {
                let bytes = coding == "zstd" ? try Self.code(body, .zstd) : Array(body.utf8)
                client.send(Self.request(bytes, coding))
                #expect(client.receiveAnswer()?.status == 200)
                #expect(provider.requests.last?.body == bytes)
            }
        }
    }
}
