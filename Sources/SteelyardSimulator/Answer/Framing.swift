import NIOCore

/// Turns an answer into the bytes of an HTTP/1.1 message (RFC 9112), with the faults that a request asked for.
struct Framing {
    /// How the peer finds the end of the body.
    enum Body {
        case none, contentLength, chunked, untilClose
    }

    let answer: Answer
    let directives: Directives
    let keepsAlive: Bool
    let body: Body
    let requestID: UInt64

    init(_ answer: Answer, for request: SimulatedRequest, requestID: UInt64) {
        self.answer = ContentCoding.applied(request.directives.coding, to: answer)
        self.requestID = requestID
        directives = request.directives
        body = Self.body(of: answer, for: request)
        keepsAlive = request.keepsAlive && body != .untilClose
    }

    private static func body(of answer: Answer, for request: SimulatedRequest) -> Body {
        if request.method == "HEAD" || answer.status == 204 || answer.status == 304 { return .none }
        if request.directives.noLength || (answer.isStream && request.isHTTP10) { return .untilClose }
        return answer.isStream || request.directives.trailers ? .chunked : .contentLength
    }

    /// The bytes and their timing.
    func script() -> Script {
        if let fault = directives.badHead.flatMap(BadHeads.named) { return fault.script(self) }
        var builder = ScriptBuilder(capacity: 640 + answer.byteCount + answer.pieces.count * 12)
        if directives.delayMilliseconds > 0 { builder.wait(milliseconds: directives.delayMilliseconds) }
        var ending = write(to: &builder)
        if case .keepAlive = ending { ending = writeAfterword(to: &builder) }
        return builder.script(ending: ending)
    }

    /// Writes the answer, as far as its faults allow.
    func write(to builder: inout ScriptBuilder) -> Script.Ending {
        writeHead(to: &builder.bytes)
        if let wait = directives.dripMilliseconds { builder.sealEach(1, waitMilliseconds: wait) }
        if directives.cutHead { return behead(&builder) }
        if directives.firstByteMilliseconds > 0 { builder.wait(milliseconds: directives.firstByteMilliseconds) }
        if body != .none, !writeBody(to: &builder) { return brokenEnding }
        if body == .chunked { builder.bytes.append(directives.trailers ? Self.trailers : "0\r\n\r\n") }
        builder.seal(.last)
        return keepsAlive ? .keepAlive : .close
    }

    /// What a faulty provider sends on an idle connection.
    private func writeAfterword(to builder: inout ScriptBuilder) -> Script.Ending {
        guard directives.lateAnswer || directives.late408 else { return .keepAlive }
        builder.wait(milliseconds: 100)
        builder.bytes.append(directives.lateAnswer ? Self.lateAnswer : Self.late408)
        return directives.lateAnswer ? .keepAlive : .close
    }

    private static let lateAnswer: StaticString =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 13\r\n\r\n{\"id\":\"late\"}"

    private static let late408: StaticString =
        "HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"

    /// Removes the second half of the head, and a little more if the half would end at the end of a line.
    private func behead(_ builder: inout ScriptBuilder) -> Script.Ending {
        var half = builder.bytes.readableBytes / 2
        if builder.bytes.getInteger(at: half - 1, as: UInt8.self) == UInt8(ascii: "\n") { half -= 3 }
        builder.bytes.moveWriterIndex(to: half)
        return brokenEnding
    }

    /// A trailer section that names a framing field: a recipient must ignore it (RFC 9110 §6.5.1).
    private static let trailers: StaticString = "0\r\nx-simulated-trailer: weighed\r\nx-simulated-count: 5\r\n\r\n"

    private var brokenEnding: Script.Ending {
        if directives.stallAfter != nil { return .stall }
        return directives.reset ? .reset : .close
    }

    /// Writes the pieces up to the limit; returns whether the answer is whole.
    private func writeBody(to builder: inout ScriptBuilder) -> Bool {
        var remaining = directives.cutAt ?? directives.stallAfter ?? .max
        for (index, piece) in answer.pieces.enumerated() {
            if index > 0, directives.eventMilliseconds > 0 {
                builder.wait(milliseconds: directives.eventMilliseconds)
            }
            write(piece, upTo: remaining, to: &builder.bytes)
            if let count = directives.split { builder.sealEach(count, waitMilliseconds: 0) }
            guard piece.readableBytes <= remaining else { return false }
            if index == answer.usagePiece { builder.seal(.usage) }
            remaining -= piece.readableBytes
        }
        // A limit of exactly the body's length omits the last chunk, if there is one.
        return remaining > 0 || body == .contentLength
    }

    private func write(_ piece: ByteBuffer, upTo limit: Int, to bytes: inout ByteBuffer) {
        let count = min(piece.readableBytes, limit)
        guard count > 0 else { return }
        if body == .chunked {
            bytes.append(verbatim: String(count, radix: 16))
            bytes.append("\r\n")
        }
        bytes.writeImmutableBuffer(
            count == piece.readableBytes ? piece : piece.getSlice(at: piece.readerIndex, length: count) ?? piece
        )
        if body == .chunked { bytes.append("\r\n") }
    }

    private func writeHead(to bytes: inout ByteBuffer) {
        bytes.append("HTTP/1.1 ")
        bytes.append(answer.status)
        bytes.append(" ")
        bytes.append(verbatim: StatusText.reason(answer.status))
        bytes.append("\r\ncontent-type: ")
        bytes.append(verbatim: contentType)
        writeFraming(to: &bytes)
        bytes.append("\r\nx-request-id: req_")
        bytes.append(hexadecimal: requestID)
        bytes.append("\r\nopenai-version: 2020-10-01\r\nopenai-processing-ms: 12")
        for header in answer.headers {
            bytes.append("\r\n")
            bytes.append(verbatim: header.name)
            bytes.append(": ")
            bytes.append(verbatim: header.value)
        }
        bytes.append("\r\n\r\n")
    }

    private var contentType: String {
        guard directives.wrongType else { return answer.contentType }
        return answer.isStream ? "application/json" : "text/event-stream; charset=utf-8"
    }

    private func writeFraming(to bytes: inout ByteBuffer) {
        switch body {
        case .none, .untilClose: break
        case .chunked: bytes.append("\r\ntransfer-encoding: chunked")
        case .contentLength:
            bytes.append("\r\ncontent-length: ")
            bytes.append(answer.byteCount)
        }
        if !keepsAlive { bytes.append("\r\nconnection: close") }
    }
}

extension ByteBuffer {
    /// Appends 16 hexadecimal digits.
    mutating func append(hexadecimal number: UInt64) {
        // In bounds: the buffer gives at least the sixteen bytes asked for.
        writeWithUnsafeMutableBytes(minimumWritableBytes: 16) { digits in
            for position in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * position)) & 15
                digits[position] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 16
        }
    }
}

/// Reason phrases (RFC 9110 §15).
enum StatusText {
    static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        case 302: "Found"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 404: "Not Found"
        case 429: "Too Many Requests"
        case 500: "Internal Server Error"
        case 503: "Service Unavailable"
        default: "Status"
        }
    }
}
