import Glibc
import NIOCore
import NIOSSL
import NIOTLS
import SteelyardClock
import SteelyardExchange
import SteelyardPolicy
import SteelyardWire

/// One connection to a provider. It carries one request at a time, writes it once, and takes another only if the answer
/// was whole, nothing followed it, and both sides keep the connection.
///
/// It is the last handler of its channel; for an encrypted one, the TLS handler comes before it.
final class ProviderConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let access: ProviderAccess
    private let loop: ServerLoop
    private var context: ChannelHandlerContext?
    /// What opens this connection; nil once it is ready or has failed.
    private var opening: ProviderOpening?
    /// Its socket, while the channel is open.
    private let descriptor: Int32
    /// Whether the last read may have left bytes in the kernel.
    private var mayHaveMore = false
    /// The exchange whose request is here; nil while the connection is idle.
    private var driver: ExchangeDriver?
    private var reader = HTTPAnswerReader(answersHEAD: false)
    /// Bytes that have come and were not used yet.
    private var unread = ByteBuffer()
    private var firstByteAt: Tick?
    private var idleSince = Tick.zero
    /// How the body of a request goes out that comes in pieces.
    private var isChunked = false
    private var requestIsWhole = true
    private var reads = true
    /// Why the connection ended other than by the provider's regular close.
    private var breach: String?
    /// The client that this turn's bytes have gone to.
    private var served: ClientHandler?

    init(_ access: ProviderAccess, descriptor: Int32, loop: ServerLoop, opening: ProviderOpening) {
        self.access = access
        self.descriptor = descriptor
        self.loop = loop
        self.opening = opening
    }

    /// Adds the handlers of a new channel.
    func prepare(_ channel: any Channel) throws {
        if let tls = access.tls { try channel.pipeline.syncOperations.addHandler(tls.handler()) }
        try channel.pipeline.syncOperations.addHandler(self)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
}

/// The request. Nothing of it leaves before ``flush()``.
extension ProviderConnection {
    /// A body up to this size is copied behind its head: one `write` costs less than another element of a `writev`.
    private static let joinLimitBytes = 16 * 1024

    /// Sends a request whose body is here, or that has none.
    func send(_ plan: UpstreamPlan, framing: RequestHeadWriter.Framing, body: ByteBuffer?, for driver: ExchangeDriver) {
        begin(plan, driver)
        requestIsWhole = true
        var head = head(of: plan, framing)
        if let body, body.readableBytes <= Self.joinLimitBytes {
            head.writeImmutableBuffer(body)
            write(head)
        } else {
            write(head)
            if let body { write(body) }
        }
    }

    /// Sends the head of a request whose body follows in pieces.
    func sendHead(_ plan: UpstreamPlan, framing: RequestHeadWriter.Framing, for driver: ExchangeDriver) {
        begin(plan, driver)
        isChunked = framing == .chunked
        requestIsWhole = false
        write(head(of: plan, framing))
    }

    /// Hands what was sent to the kernel. If the provider has closed, its answer and the end of the transfer are told
    /// within this call.
    func flush() { context?.flush() }

    private func begin(_ plan: UpstreamPlan, _ driver: ExchangeDriver) {
        self.driver = driver
        reader = HTTPAnswerReader(answersHEAD: plan.method == "HEAD")
        firstByteAt = nil
        isChunked = false
    }

    private func head(of plan: UpstreamPlan, _ framing: RequestHeadWriter.Framing) -> ByteBuffer {
        var head: [UInt8] = []
        RequestHeadWriter.append(
            method: plan.method,
            target: plan.target,
            host: access.host,
            fields: plan.fields,
            framing: framing,
            authorization: plan.substitutesKey ? access.authorization ?? [] : [],
            to: &head
        )
        return ByteBuffer(bytes: head)
    }

    /// Calls `action` once the kernel has taken everything that was written.
    func whenSent(_ action: @escaping () -> Void) {
        guard let context else { return }
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenComplete { _ in action() }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: sent)
    }

    /// Sends a piece of its body.
    func send(_ piece: ByteBuffer) {
        guard piece.readableBytes > 0 else { return }
        if isChunked { write(chunkSize(piece.readableBytes)) }
        write(piece)
        if isChunked { write(Self.chunkEnd) }
    }

    /// Ends its body.
    func sendEnd() {
        requestIsWhole = true
        if isChunked { write(Self.lastChunk) }
    }

    private func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }

    private func chunkSize(_ count: Int) -> ByteBuffer {
        var line: [UInt8] = []
        ChunkFraming.appendSize(count, to: &line)
        return ByteBuffer(bytes: line)
    }

    private static let chunkEnd = ByteBuffer(bytes: ChunkFraming.dataEnd)
    private static let lastChunk = ByteBuffer(bytes: ChunkFraming.lastChunk)

    /// Whether the provider takes more of a body.
    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Whether the kernel has taken everything that was written.
    var hasSentEverything: Bool {
        // A failure means that the channel is closed: nothing waits.
        (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0 == 0
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { driver?.providerTakesMore() }
        context.fireChannelWritabilityChanged()
    }
}

/// The answer.
extension ProviderConnection {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Nobody asked for these bytes: they must not become the next request's answer.
        guard let driver else { return abort() }
        let bytes = unwrapInboundIn(data)
        mayHaveMore = bytes.writableBytes == 0 || access.tls != nil
        if unread.readableBytes == 0 { unread = bytes } else { unread.writeImmutableBuffer(bytes) }
        served = driver.client
        readOn(at: .now())
        // NIO tells no end of the read to a channel that was closed within it.
        if !context.channel.isActive { settleServed() }
    }

    func channelReadComplete(context: ChannelHandlerContext) { settleServed() }

    private func settleServed() {
        guard let served else { return }
        self.served = nil
        served.settle()
    }

    private func readOn(at now: Tick) {
        let firstByteAt = firstByteAt ?? now
        self.firstByteAt = firstByteAt
        var position = 0
        // The exchange may stop this connection at any step.
        while let driver {
            do throws(AnswerDefect) {
                switch try reader.read(unread.readableBytesUInt8Span, at: &position) {
                case .more: return keepUnread(from: position)
                case .interim: continue
                case .head(let head): driver.receivedAnswerHead(head, firstByteAt: firstByteAt, at: now)
                case .body(let range): driver.receivedAnswerPiece(slice(range), at: now)
                case .end: return answerEnded(isFollowed: position < unread.readableBytes)
                }
            } catch {
                return end(TransferEnd(failure: .malformed, reachedProvider: true, detail: error.rawValue))
            }
        }
        unread = ByteBuffer()
    }

    private func slice(_ range: Range<Int>) -> ByteBuffer {
        // The range is of the bytes that were read, so the slice exists.
        unread.getSlice(at: unread.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    private func keepUnread(from position: Int) {
        unread.moveReaderIndex(forwardBy: position)
        if unread.readableBytes == 0 { unread = ByteBuffer() }
    }

    /// The connection rests before the exchange goes on, so that the client's next request can have it.
    private func answerEnded(isFollowed: Bool) {
        unread = ByteBuffer()
        let driver = driver
        self.driver = nil
        if reader.keepsAlive, !isFollowed, requestIsWhole, hasSentEverything, isSilent { rest() } else { close() }
        driver?.transferEnded(TransferEnd(failure: nil, reachedProvider: true, detail: ""))
    }

    /// Whether no byte waits in the kernel. A read that left room in its buffer has taken everything (recv(2)); behind
    /// any other, bytes that follow the answer would be read as the answer to the next request of the same turn.
    private var isSilent: Bool {
        guard mayHaveMore else { return true }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) < 0 && errno == EAGAIN
    }

    private func rest() {
        idleSince = .now()
        setReading(true)
        loop.providers.rested(self)
    }

    /// Stops or goes on reading the answer: a client that reads slowly makes its provider wait.
    func setReading(_ reads: Bool) {
        guard reads != self.reads else { return }
        self.reads = reads
        // A failure means that the channel is closing, which it reports itself.
        try? context?.channel.syncOptions?.setOption(.autoRead, value: reads)
    }

    /// Whether nothing has used it for `timeouts.idle`.
    func hasBeenIdleTooLong(at now: Tick) -> Bool {
        now.nanoseconds(since: idleSince) >= UInt64(access.provider.settings.timeouts.idleSeconds * 1e9)
    }
}

/// The end.
extension ProviderConnection {
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event { opened() }
    }

    private func opened() {
        let opening = opening
        self.opening = nil
        opening?.ready()
    }

    /// TLS that ends without close_notify, or a broken connection: an answer that lasts until the close is not whole.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        breach = breach ?? Self.words(error)
        if error as? NIOSSLError != .uncleanShutdown { context.close(promise: nil) }
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case NIOSSLError.uncleanShutdown: "the TLS connection ended without close_notify"
        default: "TLS failed: \(error)"
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        loop.providers.forget(self)
        let opening = opening
        self.opening = nil
        opening?.failed(breach ?? "the connection closed before it was ready")
        guard driver != nil else { return }
        served = driver?.client
        end(reader.receivedEnd(isClean: breach == nil).transferEnd(breach))
        served?.settle()
        served = nil
    }

    /// The transfer is over, and with it the connection.
    private func end(_ end: TransferEnd) {
        let driver = driver
        abort()
        driver?.transferEnded(end)
    }

    /// Closes an idle connection.
    func close() {
        loop.providers.forget(self)
        context?.close(promise: nil)
    }

    /// Closes now, without a regular end of the TLS connection; the exchange hears nothing more.
    func abort() {
        driver = nil
        opening = nil
        unread = ByteBuffer()
        loop.providers.forget(self)
        guard let context else { return }
        guard access.tls != nil,
            let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLClientHandler.self)
        else { return context.close(promise: nil) }
        tls.close(promise: nil)
    }

    /// The process is ending.
    func shutDown() {
        driver?.inOwnTurn { end(TransferEnd(failure: .cancelled, reachedProvider: true, detail: "shutting down")) }
    }
}

extension HTTPAnswerReader.End {
    /// The end in the exchange's terms.
    fileprivate func transferEnd(_ breach: String?) -> TransferEnd {
        switch self {
        case .whole: TransferEnd(failure: nil, reachedProvider: true, detail: "")
        case .noAnswer: failed(.noAnswer, breach ?? "the connection closed before the answer")
        case .truncated: failed(.truncated, breach ?? "the connection closed within the answer")
        case .malformed: failed(.malformed, "the head of the answer is incomplete")
        }
    }

    private func failed(_ failure: TransferFailure, _ detail: String) -> TransferEnd {
        TransferEnd(failure: failure, reachedProvider: true, detail: detail)
    }
}
