import NIOCore

/// An answer that HTTP forbids, or barely allows: one row of `BadHeads`.
struct BadHead: Sendable {
    /// The parts of an answer.
    enum Part: Sendable, ExpressibleByStringLiteral {
        case text(String)
        /// A valid status line and content type, with line ends.
        case ok
        /// The number of bytes in the body, plus a number.
        case length(plus: Int)
        /// The body as the endpoint made it.
        case body
        /// The body as one chunk, without the last chunk.
        case chunk
        /// The first half of the body.
        case halfBody
        /// The whole ordinary answer.
        case answer
        case repeated(String, Int)

        init(stringLiteral text: String) { self = .text(text) }

        static var length: Part { .length(plus: 0) }
    }

    let name: String
    let help: String
    let ending: Script.Ending
    let parts: [Part]

    init(_ name: String, _ help: String, then ending: Script.Ending = .close, _ parts: [Part]) {
        (self.name, self.help, self.ending, self.parts) = (name, help, ending, parts)
    }

    /// The bytes of this answer around an endpoint's answer.
    func script(_ framing: Framing) -> Script {
        var builder = ScriptBuilder(capacity: 1024 + framing.answer.byteCount)
        if framing.directives.delayMilliseconds > 0 { builder.wait(milliseconds: framing.directives.delayMilliseconds) }
        var ending = ending
        for part in parts {
            if case .answer = part {
                ending = framing.write(to: &builder)
            } else {
                write(part, framing, to: &builder.bytes)
            }
        }
        if sendsBody, framing.answer.usagePiece != nil { builder.seal(.usage) }
        if case .keepAlive = ending { builder.seal(.last) }
        return builder.script(ending: ending)
    }

    private var sendsBody: Bool {
        parts.contains {
            switch $0 {
            case .body, .chunk: true
            default: false
            }
        }
    }

    private func write(_ part: Part, _ framing: Framing, to bytes: inout ByteBuffer) {
        let body = framing.answer.byteCount
        switch part {
        case .text(let text): bytes.append(verbatim: text)
        case .ok: bytes.append(verbatim: "HTTP/1.1 200 OK\r\ncontent-type: \(framing.answer.contentType)\r\n")
        case .length(let extra): bytes.append(body + extra)
        case .body: framing.answer.write(upTo: body, to: &bytes)
        case .halfBody: framing.answer.write(upTo: body / 2, to: &bytes)
        case .chunk:
            bytes.append(verbatim: String(body, radix: 16) + "\r\n")
            framing.answer.write(upTo: body, to: &bytes)
            bytes.append("\r\n")
        case .repeated(let text, let count): for _ in 0..<count { bytes.append(verbatim: text) }
        case .answer: break
        }
    }
}

extension Answer {
    /// Appends the first bytes of the body.
    fileprivate func write(upTo limit: Int, to bytes: inout ByteBuffer) {
        var remaining = limit
        for piece in pieces where remaining > 0 {
            let count = min(piece.readableBytes, remaining)
            bytes.writeBytes(piece.readableBytesView.prefix(count))
            remaining -= count
        }
    }
}
