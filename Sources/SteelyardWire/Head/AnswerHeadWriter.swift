/// Writes the head of an answer to a client as HTTP/1.1 bytes.
public enum AnswerHeadWriter {
    /// How the client is told where the body ends.
    public enum Framing: Sendable, Equatable {
        /// No framing field: there is no body (HEAD, 204, 304), or the body lasts until we close.
        case none
        /// `content-length` of this many bytes.
        case length(Int64)
        /// `transfer-encoding: chunked`; never for an HTTP/1.0 client.
        case chunked
    }

    /// What we add to the provider's own fields.
    public struct Additions: Sendable, Equatable {
        /// The value of `x-steelyard-request-id`; if empty, the field is left out. The caller made it, so it has no
        /// control character.
        public var requestID: String
        /// Whether to send `connection: close`.
        public var closes: Bool

        /// Makes additions.
        public init(requestID: String = "", closes: Bool = false) {
            self.requestID = requestID
            self.closes = closes
        }
    }

    /// Appends status line, fields, framing and additions, up to and including the blank line.
    ///
    /// - Parameters:
    ///   - status: three digits.
    ///   - reason: may be empty.
    ///   - fields: validated and already reduced to what is forwarded; written verbatim.
    public static func append(
        status: Int,
        reason: [UInt8],
        fields: HeaderFields,
        framing: Framing,
        additions: Additions,
        to output: inout [UInt8]
    ) {
        output.reserveCapacity(output.count + reason.count + fields.byteCount + 4 * fields.count + 192)
        output.append(text: "HTTP/1.1 ")
        output.append(decimal: Int64(status))
        output.append(.space)
        output.append(contentsOf: reason)
        output.append(text: "\r\n")
        fields.appendLines(to: &output)
        append(framing, to: &output)
        append(additions, to: &output)
        output.append(text: "\r\n")
    }

    private static func append(_ framing: Framing, to output: inout [UInt8]) {
        switch framing {
        case .none: return
        case .chunked: output.append(text: "transfer-encoding: chunked\r\n")
        case .length(let length):
            output.append(text: "content-length: ")
            output.append(decimal: length)
            output.append(text: "\r\n")
        }
    }

    private static func append(_ additions: Additions, to output: inout [UInt8]) {
        if !additions.requestID.isEmpty {
            output.append(text: "x-steelyard-request-id: ")
            output.append(contentsOf: additions.requestID.utf8)
            output.append(text: "\r\n")
        }
        if additions.closes { output.append(text: "connection: close\r\n") }
    }
}

/// Writes the chunked transfer coding (RFC 9112 §7.1).
public enum ChunkFraming {
    /// The bytes after each chunk's data.
    public static let dataEnd: [UInt8] = [.carriageReturn, .lineFeed]
    /// The last chunk and the empty trailer section.
    public static let lastChunk: [UInt8] = [0x30, .carriageReturn, .lineFeed, .carriageReturn, .lineFeed]

    /// Appends the size line of a chunk. Nothing is appended for a count of 0, which would end the body.
    public static func appendSize(_ count: Int, to output: inout [UInt8]) {
        guard count > 0 else { return }
        // The highest group of four bits that is not zero gives the first digit; leading zeros are not written.
        var shift = (Int.bitWidth - 1 - count.leadingZeroBitCount) & ~3
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: count >> shift) & 0x0F
            output.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
            shift -= 4
        }
        output.append(.carriageReturn)
        output.append(.lineFeed)
    }

    /// Appends `data` as one chunk; appends nothing when it is empty.
    public static func append(_ data: Span<UInt8>, to output: inout [UInt8]) {
        guard !data.isEmpty else { return }
        appendSize(data.count, to: &output)
        data.withUnsafeBufferPointer { output.append(contentsOf: $0) }
        output.append(.carriageReturn)
        output.append(.lineFeed)
    }
}

extension HeaderFields {
    /// Appends every field as its line. Lines that are next to each other in the buffer are copied together.
    func appendLines(to output: inout [UInt8]) {
        var run = 0..<0
        for field in fields {
            let line = field.line
            if line.lowerBound != run.upperBound {
                output.append(contentsOf: bytes[run])
                run = line
            } else {
                run = run.lowerBound..<line.upperBound
            }
        }
        output.append(contentsOf: bytes[run])
    }
}

extension [UInt8] {
    /// Appends known text.
    mutating func append(text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// Appends a number in decimal.
    mutating func append(decimal number: Int64) {
        append(contentsOf: String(number).utf8)
    }
}
