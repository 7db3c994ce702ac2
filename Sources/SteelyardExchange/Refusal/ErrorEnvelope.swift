/// Writes `{"error":{"message","type","param","code"}}` as OpenAI does (openai-openapi, schema `ErrorResponse`).
struct ErrorEnvelope {
    private var bytes: [UInt8] = []

    /// The envelope of a refusal as UTF-8 JSON.
    static func json(_ refusal: Refusal) -> [UInt8] {
        var envelope = ErrorEnvelope()
        envelope.bytes.reserveCapacity(160 + refusal.message.utf8.count)
        envelope.raw("{\"error\":{\"message\":")
        envelope.string(refusal.message)
        envelope.raw(",\"type\":")
        envelope.string(refusal.type)
        envelope.raw(",\"param\":")
        if let parameter = refusal.parameter { envelope.string(parameter) } else { envelope.raw("null") }
        envelope.raw(",\"code\":")
        envelope.string(refusal.code)
        envelope.raw("}}\n")
        return envelope.bytes
    }

    private mutating func raw(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 { append(escaping: byte) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// RFC 8259 §7: quotation mark, reverse solidus and control characters must be escaped.
    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
        case 0..<0x20:
            raw("\\u00")
            bytes += [Self.hexDigits[Int(byte >> 4)], Self.hexDigits[Int(byte & 15)]]
        default: bytes.append(byte)
        }
    }

    private static let hexDigits = Array("0123456789abcdef".utf8)
}

extension Refusal {
    /// The refusal as OpenAI's error envelope, UTF-8 JSON ending in a line feed.
    public var json: [UInt8] { ErrorEnvelope.json(self) }
}
