import NIOCore
import NIOHTTP1

/// Gathers the parts of one request at a time.
struct RequestAssembly {
    enum OnPart {
        case incomplete
        /// The peer waits for permission to send the body (RFC 9110 §10.1.1).
        case expectsContinue
        case complete(HTTPRequestHead, ByteBuffer)
        case tooLarge
    }

    private(set) var head: HTTPRequestHead?
    private var body: ByteBuffer?
    private let limitBytes: Int

    init(limitBytes: Int) { self.limitBytes = limitBytes }

    mutating func received(_ part: HTTPServerRequestPart) -> OnPart {
        switch part {
        case .head(let head): return receivedHead(head)
        case .body(let bytes): return receivedBody(bytes)
        case .end:
            guard let head = head.take() else { return .incomplete }
            return .complete(head, body.take() ?? ByteBuffer())
        }
    }

    private mutating func receivedHead(_ head: HTTPRequestHead) -> OnPart {
        self.head = head
        return head.headers.contains(name: "expect") ? .expectsContinue : .incomplete
    }

    private mutating func receivedBody(_ bytes: ByteBuffer) -> OnPart {
        guard bytes.readableBytes + (body?.readableBytes ?? 0) <= limitBytes else { return .tooLarge }
        // The usual body arrives in one part and is not copied.
        if body == nil { body = bytes } else { body?.writeImmutableBuffer(bytes) }
        return .incomplete
    }
}

extension Optional {
    /// The value, leaving `nil` behind.
    fileprivate mutating func take() -> Wrapped? {
        defer { self = nil }
        return self
    }
}
