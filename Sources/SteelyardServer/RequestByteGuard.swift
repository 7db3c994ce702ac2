import NIOCore
import NIOHTTP1

/// Counts raw bytes in front of NIO's decoder, because its own limits leave gaps (swift-nio 2.101.2): chunk extensions,
/// spacing in the request line and bytes after an upgrade request are not counted there.
///
/// The connection handler reports what the decoder made of the bytes. This handler counts them, and drops them once
/// nothing more may be parsed.
final class RequestByteGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// What happens to bytes that arrive.
    private enum Mode {
        /// They go to the decoder; exits: `deaf`, `discarding`.
        case measuring
        /// They are dropped: an upgrade request or a parse error came before them; exits: `discarding`.
        case deaf
        /// Up to a limit they are dropped: the connection is about to close.
        case discarding(remainingBytes: Int)
    }

    /// Framing may take this many bytes in addition to twice the body. 16-byte chunk headers around small chunks are
    /// accepted, 16 KiB chunk extensions around single bytes are not.
    private static let framingAllowanceBytes = 64 * 1024

    private let headerLimitBytes: Int
    private let counts: Bool
    private var mode = Mode.measuring
    /// Raw bytes since the last request ended.
    private var bytesOfHead = 0
    /// Raw bytes since the current head ended, and how many of them the decoder delivered as body.
    private var bytesOfBody = 0
    private var decodedBytesOfBody = 0
    private var isInBody = false

    /// Whether a request has begun and its head is incomplete; the header timeout is running.
    private(set) var headIsPartial = false
    /// Whether bytes were dropped: the client may still be sending.
    private(set) var hasDropped = false

    init(headerLimitBytes: Int, guards: ServerGuards) {
        self.headerLimitBytes = headerLimitBytes
        counts = guards.contains(.byteCounts)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let count = unwrapInboundIn(data).readableBytes
        switch mode {
        case .measuring: measure(count, data, context)
        case .deaf: hasDropped = true
        case .discarding(let remaining): discard(count, of: remaining, context)
        }
    }

    private func measure(_ count: Int, _ data: NIOAny, _ context: ChannelHandlerContext) {
        if isInBody { bytesOfBody += count } else { bytesOfHead += count }
        headIsPartial = !isInBody
        context.fireChannelRead(data)
        if counts, case .measuring = mode, let violation { context.fireErrorCaught(violation) }
    }

    private func discard(_ count: Int, of remaining: Int, _ context: ChannelHandlerContext) {
        guard count <= remaining else { return context.close(promise: nil) }
        mode = .discarding(remainingBytes: remaining - count)
    }

    private var violation: RequestByteViolation? {
        if !isInBody, bytesOfHead > headerLimitBytes { return .headTooLarge }
        if bytesOfBody > 2 * decodedBytesOfBody + Self.framingAllowanceBytes { return .framingTooLarge }
        return nil
    }
}

extension RequestByteGuard {
    /// The decoder has delivered a part of the bytes.
    func decoded(_ part: HTTPServerRequestPart) {
        switch part {
        case .head:
            isInBody = true
            headIsPartial = false
            (bytesOfBody, decodedBytesOfBody) = (0, 0)
        case .body(let piece): decodedBytesOfBody += piece.readableBytes
        case .end:
            isInBody = false
            bytesOfHead = 0
        }
    }

    /// From now on, no bytes may be parsed.
    func becomeDeaf() { if case .measuring = mode { mode = .deaf } }

    /// From now on, no bytes are wanted; more than `byteLimit` of them close the connection.
    func discard(upTo byteLimit: Int) { mode = .discarding(remainingBytes: byteLimit) }
}

/// Far more raw bytes than their content needs.
enum RequestByteViolation: Error {
    /// The request line and fields exceeded `server.limits.header_bytes`.
    case headTooLarge
    /// Chunk framing takes far more bytes than the body.
    case framingTooLarge
}
