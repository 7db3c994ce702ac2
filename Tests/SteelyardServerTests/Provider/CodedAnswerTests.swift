import CZlib
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import Testing

@testable import SteelyardServer

@Suite("An answer in a content coding", .timeLimit(.minutes(1)))
struct CodedAnswerTests {
    private static let text = Array(
        #"{"object":"chat.completion","model":"gpt-4.1","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"é"}}],"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}}"#
            .utf8
    )

    /// The formats that zlib writes, by their window bits.
    private static let formats: [(bits: Int32, name: String)] = [(31, "gzip"), (15, "deflate"), (-15, "deflate")]

    private static func code(_ bytes: [UInt8], bits: Int32) -> [UInt8] {
        var stream = z_stream()
        precondition(czlib_deflate_start(&stream, Z_DEFAULT_COMPRESSION, bits) == Z_OK)
        defer { deflateEnd(&stream) }
        var (input, output) = (bytes, [UInt8](repeating: 0, count: bytes.count + 256))
        let count = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
                (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
                precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
                return output.count - Int(stream.avail_out)
            }
        }
        return Array(output[..<count])
    }

    private func run(_ coded: [UInt8], _ name: String) async throws -> ExchangeSummary {
        let provider = ScriptedServer { connection in
            while connection.readRequest() != nil {
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: \(name)\r\n"
                        + "Content-Length: \(coded.count)\r\n\r\n"
                )
                connection.send(coded)
            }
        }
        return try await ServerFixture.with(provider) { server in
            let answer = server.answer(to: Requests.chat(fields: "Accept-Encoding: gzip, deflate\r\n"))
            #expect(answer?.body == coded, "the bytes stay as they were sent")
            #expect(answer?.field("content-encoding") == name)
            return try #require(await server.recorder.summaries(count: 1).first)
        }
    }

    @Test("passes as it is, and is metered all the same", arguments: formats.indices)
    func metered(index: Int) async throws {
        let (bits, name) = Self.formats[index]
        let summary = try await run(Self.code(Self.text, bits: bits), name)
        #expect(summary.charge?.weight.confidence == .exact)
    }

    @Test("that is broken, or ends within what was coded, passes too and is not metered exactly")
    func undecodable() async throws {
        let coded = Self.code(Self.text, bits: 31)
        for broken in [Array(coded.dropLast(coded.count / 2)), coded.map { $0 ^ 0x55 }] {
            let summary = try await run(broken, "gzip")
            #expect(summary.charge?.weight.confidence != .exact)
        }
    }
}
