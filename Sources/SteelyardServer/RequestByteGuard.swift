import NIOCore

/// Counts raw bytes in front of NIO's decoder, because its own limits leave gaps (swift-nio 2.101.2):
/// chunk extensions, spacing in the request line and bytes after an upgrade request are not counted there.
///
/// The connection handler resets the counts at each head and body piece; this handler only measures and drops.
final class RequestByteGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Framing may cost this much beyond twice the body: 16-byte chunk headers around small chunks pass, 16 KiB chunk
    /// extensions around single bytes do not.
    private static let framingAllowanceBytes = 64 * 1024

    private let headerLimitBytes: Int
    /// Raw bytes since the last message part that the decoder delivered.
    private var bytesOfHead = 0
    private var bytesOfBody = 0
    private var decodedBytesOfBody = 0
    private var isInBody = false

    /// The decoder stops parsing after an upgrade request (`stopParsing`, HTTPDecoder.swift) and would buffer whatever
    /// follows without limit; everything after such a request is dropped here.
    var dropsEverything = false
    /// Whether a request has begun that is not complete: the header timeout runs.
    private(set) var headIsPartial = false

    init(headerLimitBytes: Int) { self.headerLimitBytes = headerLimitBytes }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let count = unwrapInboundIn(data).readableBytes
        if dropsEverything { return }
        if isInBody { bytesOfBody += count } else { bytesOfHead += count }
        headIsPartial = !isInBody
        context.fireChannelRead(data)
        if let violation { context.fireErrorCaught(violation) }
    }

    private var violation: RequestByteViolation? {
        if !isInBody, bytesOfHead > headerLimitBytes { return .headTooLarge }
        if bytesOfBody > 2 * decodedBytesOfBody + Self.framingAllowanceBytes { return .framingTooLarge }
        return nil
    }

    /// A head was decoded; its body follows.
    func receivedHead() {
        isInBody = true
        headIsPartial = false
        (bytesOfBody, decodedBytesOfBody) = (0, 0)
    }

    /// A piece of body was decoded.
    func receivedBody(byteCount: Int) { decodedBytesOfBody += byteCount }

    /// The request is complete; the next byte begins a head.
    func receivedEnd() {
        isInBody = false
        bytesOfHead = 0
    }
}

/// Raw bytes out of proportion to what they carry.
enum RequestByteViolation: Error {
    /// The request line and fields passed `server.limits.header_bytes`.
    case headTooLarge
    /// Chunk framing outweighs the body.
    case framingTooLarge
}
