import Glibc
import NIOCore
import NIOHTTP1

/// One client connection: takes requests in order and plays one script after another.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    /// A request that waits until the answers before it have ended.
    private struct Waiting {
        var request: SimulatedRequest
        var entry: WitnessEntry?
    }

    /// How many requests may wait for the answers before them; a peer that sends more does not read.
    private static let waitingLimit = 1000

    private let provider: SimulatedProvider
    private let connection: Int
    private var assembly: RequestAssembly
    private var requestCount = 0
    private var waiting = CircularBuffer<Waiting>()
    private var playback: Playback?
    private var alarm: Alarm?
    private var alarmCallback: NIOScheduledCallback?
    private var isQuiescing = false

    init(provider: SimulatedProvider) {
        self.provider = provider
        connection = provider.nextConnection()
        assembly = RequestAssembly(limitBytes: provider.configuration.bodyLimitBytes)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch assembly.received(unwrapInboundIn(data)) {
        case .incomplete: break
        case .expectsContinue: writeNow("HTTP/1.1 100 Continue\r\n\r\n", context)
        case .complete(let head, let body): received(head, body, context)
        case .tooLarge: refuse(.requestIncomplete, "HTTP/1.1 413 Content Too Large\r\n", context)
        }
    }

    private func received(_ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext) {
        guard waiting.count < Self.waitingLimit else { return context.close(promise: nil) }
        requestCount += 1
        let request = SimulatedRequest(
            head,
            body: body,
            connection: connection,
            number: requestCount,
            defaults: provider.defaults
        )
        waiting.append(Waiting(request: request, entry: provider.received(request)))
        if playback == nil { playNext(context) }
    }

    private func playNext(_ context: ChannelHandlerContext) {
        guard let next = waiting.popFirst() else { return }
        let reply = provider.reply(to: next.request, eventLoop: context.eventLoop)
        switch reply {
        case .now(let reply): play(reply, next.entry, context)
        case .later(let future):
            // Waits for the log; meanwhile this connection plays nothing else.
            playback = Playback(Script(steps: [], ending: .stall), entry: next.entry, isWaiting: true)
            future.assumeIsolated().whenSuccess { self.play($0, next.entry, context) }
        }
    }

    private func play(
        _ reply: SimulatedProvider.Reply,
        _ entry: WitnessEntry?,
        _ context: ChannelHandlerContext
    ) {
        var entry = entry
        entry?.describe(reply)
        let playback = Playback(reply.script, entry: entry)
        // Data that a peer sent before it left still arrives after the channel has closed.
        guard context.channel.isActive else { return ended(playback, outcomeOfClose) }
        if let entry { provider.witness.updated(entry) }
        self.playback = playback
        advance(playback, context)
    }
}

extension ConnectionHandler {
    /// Plays steps until one must wait for time or for the peer to read.
    private func advance(_ playback: Playback, _ context: ChannelHandlerContext) {
        while playback === self.playback, !playback.isWaiting {
            switch playback.next(isWritable: context.channel.isWritable) {
            case .write(let bytes, let marks): write(bytes, marks, playback, context)
            case .flush:
                context.flush()
                // An unwritable channel calls back when it is writable; this flush may already have made it writable.
                if !context.channel.isWritable { return }
            case .wait(let milliseconds): wait(milliseconds, playback, context)
            case .end(let ending): end(playback, ending, context)
            }
        }
    }

    private func write(
        _ bytes: ByteBuffer,
        _ marks: Script.Marks,
        _ playback: Playback,
        _ context: ChannelHandlerContext
    ) {
        playback.entry?.sentByteCount += bytes.readableBytes
        guard !marks.isEmpty else { return context.write(wrapOutboundOut(bytes), promise: nil) }
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.sent(marks, playback)
            // The script may end long before the kernel has taken its last bytes.
            case .failure: self.ended(playback, self.outcomeOfClose)
            }
        }
        context.write(wrapOutboundOut(bytes), promise: promise)
    }

    private func sent(_ marks: Script.Marks, _ playback: Playback) {
        if marks.contains(.usage) { playback.entry?.usageWasSent = true }
        if marks.contains(.last) { ended(playback, .completed) }
    }

    private func wait(_ milliseconds: Int, _ playback: Playback, _ context: ChannelHandlerContext) {
        context.flush()
        guard let alarm else { return }
        let deadline = playback.deadline(after: milliseconds, now: .now())
        // The only error is a loop that shuts down, which also closes this connection.
        alarmCallback = try? context.eventLoop.scheduleCallback(at: deadline, handler: alarm)
    }

    /// A wait is over.
    func woke(_ context: ChannelHandlerContext) {
        alarmCallback = nil
        guard let playback else { return }
        playback.waited()
        advance(playback, context)
    }

    private func end(_ playback: Playback, _ ending: Script.Ending, _ context: ChannelHandlerContext) {
        context.flush()
        switch ending {
        case .stall: playback.isWaiting = true
        case .keepAlive where !isQuiescing:
            self.playback = nil
            playNext(context)
        case .keepAlive, .close, .reset: closeAfterWrites(playback, ending, context)
        }
    }

    /// Closing at once would drop bytes that the kernel has not taken yet.
    private func closeAfterWrites(
        _ playback: Playback,
        _ ending: Script.Ending,
        _ context: ChannelHandlerContext
    ) {
        playback.isWaiting = true
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenSuccess {
            self.ended(playback, .brokenOff)
            self.close(context, abruptly: ending == .reset)
        }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: promise)
    }

    private func close(_ context: ChannelHandlerContext, abruptly: Bool) {
        if abruptly, let socket = context.channel as? any SocketOptionProvider {
            // With a linger of zero, close sends RST (socket(7)); on the loop, the option is set before this returns.
            _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        context.close(promise: nil)
    }

    private var outcomeOfClose: WitnessEntry.Outcome { isQuiescing ? .shutDown : .peerLeft }

    /// Records the first ending of an answer.
    private func ended(_ playback: Playback, _ outcome: WitnessEntry.Outcome) {
        guard playback.entry?.outcome == nil else { return }
        playback.entry?.outcome = outcome
        if let entry = playback.entry { provider.witness.ended(entry) }
    }
}

extension ConnectionHandler {
    func handlerAdded(context: ChannelHandlerContext) { alarm = Alarm(self, context) }

    /// The alarm refers to this handler, and an active alarm would keep both alive until its time.
    func handlerRemoved(context: ChannelHandlerContext) {
        alarmCallback?.cancel()
        alarm = nil
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let playback { advance(playback, context) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let playback { ended(playback, outcomeOfClose) }
        playback = nil
        while let unanswered = waiting.popFirst() {
            ended(Playback(Script(steps: [], ending: .close), entry: unanswered.entry), outcomeOfClose)
        }
        if let head = assembly.head { provider.refused(.requestIncomplete, head, connection, requestCount + 1) }
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is Quiescing else { return context.fireUserInboundEventTriggered(event) }
        isQuiescing = true
        if playback == nil || playback?.isStalled == true { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return context.close(promise: nil) }
        refuse(
            error == .invalidEOFState ? .requestIncomplete : .requestMalformed,
            "HTTP/1.1 400 Bad Request\r\n",
            context
        )
    }

    /// Answers a malformed request and closes; the answer being played is abandoned.
    private func refuse(
        _ outcome: WitnessEntry.Outcome,
        _ statusLine: String,
        _ context: ChannelHandlerContext
    ) {
        provider.refused(outcome, assembly.head, connection, requestCount + 1)
        assembly = RequestAssembly(limitBytes: provider.configuration.bodyLimitBytes)
        if playback == nil { writeNow(statusLine + "connection: close\r\ncontent-length: 0\r\n\r\n", context) }
        context.close(promise: nil)
    }

    private func writeNow(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    /// The event that asks a connection to close when it is idle.
    struct Quiescing: Sendable {}
}
