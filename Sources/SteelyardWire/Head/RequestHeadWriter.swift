/// Writes the head of a request to a provider as HTTP/1.1 bytes.
public enum RequestHeadWriter {
    /// How the provider is told where the body ends.
    public enum Framing: Sendable, Equatable {
        /// No framing field: a request without a body.
        case none
        /// `content-length` of this many bytes.
        case length(Int64)
        /// `transfer-encoding: chunked`.
        case chunked
    }

    /// Appends the request line, `Host`, the fields, framing and the credential, up to and including the blank line.
    ///
    /// - Parameters:
    ///   - method: As the client sent it.
    ///   - target: Path and query on the provider's side, checked.
    ///   - host: The line `Host: …` CRLF.
    ///   - fields: Validated and already reduced to what is forwarded; written verbatim.
    ///   - authorization: The line with the provider's own key, CRLF included; empty for none.
    public static func append(
        method: String,
        target: String,
        host: [UInt8],
        fields: HeaderFields,
        framing: Framing,
        authorization: [UInt8],
        to output: inout [UInt8]
    ) {
        output.reserveCapacity(output.count + target.utf8.count + fields.byteCount + 4 * fields.count + 192)
        output.append(contentsOf: method.utf8)
        output.append(.space)
        output.append(contentsOf: target.utf8)
        output.append(text: " HTTP/1.1\r\n")
        output.append(contentsOf: host)
        fields.appendLines(to: &output)
        append(framing, to: &output)
        output.append(contentsOf: authorization)
        output.append(text: "\r\n")
    }

    private static func append(_ framing: Framing, to output: inout [UInt8]) {
        switch framing {
        case .none: return
        case .chunked: output.append(text: "Transfer-Encoding: chunked\r\n")
        case .length(let length):
            output.append(text: "Content-Length: ")
            output.append(decimal: length)
            output.append(text: "\r\n")
        }
    }
}
