import NIOCore
import NIOHTTP1

/// Counts raw bytes in front of NIO's decoder, because its own limits leave gaps (swift-nio 2.101.2): chunk extensions,
/// spacing in the request line and bytes after an upgrade request are not counted there.
///
/// The connection handler says what the decoder made of the bytes; this handler measures them, and drops them once
/// nothing more may be parsed.
final class RequestByteGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// What becomes of arriving bytes.
    private enum Mode {
        /// They go to the decoder; exits: `deaf`, `discarding`.
        case measuring
        /// They are dropped: an upgrade request or a parse error came before them; exits: `discarding`.
        case deaf
        /// They are dropped, and only so many: the connection is about to close.
        case discarding(remainingBytes: Int)
    }

    /// Framing may cost this much beyond twice the body: 16-byte chunk headers around small chunks pass, 16 KiB chunk
    /// extensions around single bytes do not.
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

    /// Whether a request has begun whose head is not complete: the header timeout runs.
    private(set) var headIsPartial = false
    /// Whether anything was dropped: the client may be sending still.
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

    /// Nothing that comes from now on may be parsed.
    func becomeDeaf() { if case .measuring = mode { mode = .deaf } }

    /// Nothing that comes from now on is wanted; more than `byteLimit` closes the connection.
    func discard(upTo byteLimit: Int) { mode = .discarding(remainingBytes: byteLimit) }
}

/// Raw bytes out of proportion to what they carry.
enum RequestByteViolation: Error {
    /// The request line and fields passed `server.limits.header_bytes`.
    case headTooLarge
    /// Chunk framing outweighs the body.
    case framingTooLarge
}
