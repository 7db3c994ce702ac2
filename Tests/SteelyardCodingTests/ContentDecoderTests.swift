import CZlib
import NIOCore
import SteelyardCoding
import SteelyardWire
import Testing

/// The formats zlib writes.
enum Coding: Int32, CaseIterable, Sendable {
    case gzip = 31
    case zlib = 15
    case rawDeflate = -15

    var name: String { self == .gzip ? "gzip" : "deflate" }

    func encode(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        precondition(czlib_deflate_start(&stream, Z_DEFAULT_COMPRESSION, rawValue) == Z_OK)
        defer { deflateEnd(&stream) }
        var (input, output) = (bytes, [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64))
        let count = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
                return output.count - Int(stream.avail_out)
            }
        }
        return Array(output[..<count])
    }
}

@Suite("The copy that is decoded", .timeLimit(.minutes(1)))
struct ContentDecoderTests {
    private static let text = Array("{\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":34}} \u{e9}\u{1F600}".utf8)

    private func makeDecoder(_ codings: [String]) -> ContentDecoder? {
        var fields = HeaderFields()
        for coding in codings { fields.append(name: "Content-Encoding", value: coding) }
        return ContentDecoder(fields.contentCoding)
    }

    private func decode(_ pieces: [ArraySlice<UInt8>], codings: [String]) throws -> [UInt8] {
        let decoder = try #require(makeDecoder(codings))
        return pieces.flatMap { Array(decoder.decode(ByteBuffer(bytes: $0)).readableBytesView) }
    }

    @Test("is the same wherever the answer is split", arguments: Coding.allCases)
    func splitAnywhere(coding: Coding) throws {
        let coded = coding.encode(Self.text)
        for split in 0...coded.count {
            #expect(try decode([coded[..<split], coded[split...]], codings: [coding.name]) == Self.text)
        }
        #expect(try decode(coded.indices.map { coded[$0...$0] }, codings: [coding.name]) == Self.text)
    }

    @Test("spans all members of a gzip answer and ignores what follows them")
    func gzipMembers() throws {
        let coded = Coding.gzip.encode(Self.text) + Coding.gzip.encode([]) + Coding.gzip.encode(Self.text)
        for split in 0...coded.count {
            #expect(try decode([coded[..<split], coded[split...]], codings: ["x-gzip"]) == Self.text + Self.text)
        }
        let padded = Coding.gzip.encode(Self.text) + [0, 0, 0, 0]
        #expect(try decode([padded[...]], codings: ["GZip"]) == Self.text)
    }

    @Test(
        "is not made of an answer without a coding",
        arguments: [
            [], ["identity"], [""], [" , "], ["identity, Identity"], ["none"], ["UTF-8"], ["none", "identity"],
        ]
    )
    func identity(codings: [String]) { #expect(makeDecoder(codings) == nil) }

    @Test(
        "is empty where a coding is unknown or not the only one",
        arguments: [["br"], ["zstd, gzip"], ["gzip, br"], ["gzip", "gzip"], ["compress"], ["gzip;q=1"]]
    )
    func unknown(codings: [String]) throws {
        #expect(try decode([Coding.gzip.encode(Self.text)[...]], codings: codings) == [])
    }

    @Test("is empty from the first fault on", arguments: Coding.allCases)
    func broken(coding: Coding) throws {
        var coded = coding.encode((0..<5000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) })
        let middle = coded.count / 2
        for index in middle..<(middle + 20) { coded[index] = 0xFF }
        let decoder = try #require(makeDecoder([coding.name]))
        _ = decoder.decode(ByteBuffer(bytes: coded))
        #expect(decoder.decode(ByteBuffer(bytes: coded)).readableBytes == 0)
    }

    @Test("knows at every split whether what was coded is complete", arguments: Coding.allCases)
    func wholeness(coding: Coding) throws {
        let coded = coding.encode(Self.text)
        for end in 0...coded.count {
            let decoder = try #require(makeDecoder([coding.name]))
            if end > 0 { _ = decoder.decode(ByteBuffer(bytes: coded[..<end])) }
            #expect(decoder.isWhole == (end == 0 || end == coded.count), "\(end) bytes of \(coded.count)")
            #expect(!decoder.hasFailed)
        }
    }

    @Test("is bounded per piece")
    func pieceBomb() throws {
        let bomb = Coding.gzip.encode([UInt8](repeating: 0, count: ContentDecoder.pieceLimitBytes + 20_000))
        #expect(try decode([bomb[...]], codings: ["gzip"]) == [])
        let harmless = Coding.gzip.encode([UInt8](repeating: 0, count: ContentDecoder.pieceLimitBytes))
        #expect(try decode([harmless[...]], codings: ["gzip"]).count == ContentDecoder.pieceLimitBytes)
    }

    @Test("is bounded in total")
    func totalBomb() throws {
        let megabyte = Coding.gzip.encode([UInt8](repeating: 0, count: 1 << 20))
        let decoder = try #require(makeDecoder(["gzip"]))
        var total = 0
        for _ in 0..<300 { total += decoder.decode(ByteBuffer(bytes: megabyte)).readableBytes }
        #expect(total == ContentDecoder.totalLimitBytes)
    }
}
