import NIOCore
import SteelyardClock
import SteelyardCoding
import SteelyardCrypto
import SteelyardExchange
import SteelyardPolicy
import SteelyardWire

/// Connects one `Exchange` with its client's connection and its connection to the provider, all on one event loop.
///
/// It makes no decisions: it tells the exchange what happened, and does what the exchange answers, in that order. It may
/// exist longer than its client's connection, when an answer is read to the end after the client has left.
final class ExchangeDriver {
    let loop: ServerLoop
    private let active: ActiveRules
    /// The connection that gets the answer. Nil once it has got all of it, or has left: until then, the two refer to
    /// each other.
    private(set) var client: ClientHandler?
    private var exchange: Exchange
    private var body: RequestBody
    /// The piece of a body that the exchange is looking at.
    private var piece = ByteBuffer()
    /// What goes up when there is a connection for it; nil before and after.
    private var plan: UpstreamPlan?
    private var opening: ProviderOpening?
    private var connection: ProviderConnection?
    private var startedAt = Tick.zero
    private var decoder: AnswerDecoder?
    private var drainTimer: DeadlineTimer?

    private var services: ServerServices { loop.services }

    init(loop: ServerLoop, client: ClientHandler) {
        self.loop = loop
        self.client = client
        active = loop.services.recorder.active
        body = RequestBody(within: loop.services.gatherBudget)
        let wallMilliseconds = WallClock.milliseconds()
        exchange = Exchange(
            rules: active.rules,
            id: loop.newID(wallMilliseconds: wallMilliseconds),
            receivedAt: .now(),
            wallSeconds: wallMilliseconds / 1000
        )
        loop.services.exchangeBegan()
    }

    /// The id of the exchange.
    var id: ChargeID { exchange.id }

    /// When to call `timePassed` next.
    var deadline: Tick? { exchange.deadline }

    /// Does what did not come from the client's or the provider's connection, and sends what it led to. The exchange may
    /// let go of its client within it.
    func inOwnTurn(_ work: () -> Void) {
        let client = client
        work()
        client?.settle()
    }

    /// Tells the exchange what happened, and does what it answers.
    private func tell(_ event: (inout ExchangeEffects) -> Void) {
        var effects = loop.takeEffects()
        event(&effects)
        perform(&effects)
        loop.giveBack(effects)
    }
}

/// What happened on the client's side.
extension ExchangeDriver {
    func receivedHead(_ head: RequestHead) {
        body.begin(head)
        let credentials = credentials(of: head)
        tell { exchange.receivedHead(head, credentials: credentials, at: .now(), into: &$0) }
    }

    /// Every key in the request, in the form in which it is looked up.
    private func credentials(of head: RequestHead) -> [Credential] {
        let knowsProviderKeys = exchange.knowsProviderKeys
        return head.fields.presentedKeys.map {
            Credential(presented: $0.span, knowsProviderKeys: knowsProviderKeys, sha256: Digest.sha256)
        }
    }

    func receivedBody(_ piece: ByteBuffer) {
        if body.isGathered { return gather(piece) }
        self.piece = piece
        tell { exchange.receivedPiece(ofBody: piece.readableBytesUInt8Span, at: .now(), into: &$0) }
        self.piece = ByteBuffer()
    }

    func receivedBodyEnd() {
        guard body.isGathered else { return relayedBodyEnd() }
        body.isWhole = true
        readOn()
    }

    private func relayedBodyEnd() {
        guard body.exists else { return }
        tell { exchange.receivedBodyEnd(at: .now(), into: &$0) }
    }

    private func gather(_ piece: ByteBuffer) {
        let limit = exchange.bodyLimitBytes
        guard body.byteCount + piece.readableBytes <= limit else { return refuse(.bodyTooLarge(limitBytes: limit)) }
        guard body.append(piece) else { return refuse(.gatherBudgetFull) }
        readOn()
    }

    private func refuse(_ refusal: Refusal) { tell { exchange.refusedToGather(refusal, at: .now(), into: &$0) } }

    /// Reads on in a gathered body: one slice now, and the others in later turns, so that the loop's other connections
    /// do not wait.
    private func readOn() {
        guard !exchange.isOver, !body.isReadLater else { return }
        switch body.readOn(
            limitBytes: exchange.bodyLimitBytes,
            read: { exchange.readOn(in: $0) },
            edit: { exchange.expectedEdit }
        ) {
        case .awaitsMore: break
        case .later: readLater()
        case .whole(let copy): gathered(copy)
        case .full: refuse(.gatherBudgetFull)
        }
    }

    private func readLater() {
        body.isReadLater = true
        loop.eventLoop.assumeIsolated().execute { [self] in
            body.isReadLater = false
            inOwnTurn { readOn() }
        }
    }

    private func gathered(_ copy: BodyCopy) {
        let readable = body.readable
        tell {
            exchange.receivedBody(
                readable.readableBytesUInt8Span,
                copy: copy,
                sentBytes: body.byteCount,
                at: .now(),
                into: &$0
            )
        }
    }

    func clientTookBytes() {
        exchange.clientTookBytes(at: .now())
        connection?.setReading(true)
    }

    /// The client has left: its channel is closed.
    func clientLeft() {
        client = nil
        tell { exchange.clientLeft(at: .now(), into: &$0) }
    }

    /// The client's request was broken or too slow while it was being read; the connection answers.
    func requestFailed(_ refusal: Refusal) {
        client = nil
        tell { exchange.requestFailed(refusal, at: .now(), into: &$0) }
    }

    func timePassed() {
        tell { exchange.timePassed(at: .now(), into: &$0) }
        drainTimer?.set(deadline)
    }
}

/// What happened on the provider's side.
extension ExchangeDriver {
    /// There is a connection for the request.
    func connected(_ connection: ProviderConnection) {
        opening = nil
        guard let plan else { return connection.close() }
        self.plan = nil
        self.connection = connection
        exchange.departed(at: .now(), startedAt: startedAt)
        body.send(plan, on: connection, for: self)
        connection.flush()
        // The provider may have closed: then the transfer is over by now.
        guard self.connection === connection else { return }
        body.wasSent(on: connection, for: self)
        client?.setTakesBody(connection.isWritable)
    }

    /// The connection has room for more of an upload.
    func providerTakesMore() {
        guard !exchange.isOver, let client else { return }
        client.setTakesBody(true)
        client.settle()
    }

    /// The gathered body has left.
    func bodyLeft() { body.left() }

    func receivedAnswerHead(_ head: AnswerHead, firstByteAt: Tick, at now: Tick) {
        decoder = AnswerDecoder(head)
        tell { exchange.receivedAnswerHead(head, firstByteAt: firstByteAt, at: now, into: &$0) }
    }

    func receivedAnswerPiece(_ raw: ByteBuffer, at now: Tick) {
        let decoded = decoder?.decode(raw)
        if decoder?.hasJustFailed() == true { tell { exchange.failedToDecode(at: now, into: &$0) } }
        guard !exchange.isOver else { return }
        piece = raw
        tell {
            exchange.receivedAnswerPiece(
                raw.readableBytesUInt8Span,
                decoded: decoded?.readableBytesUInt8Span,
                at: now,
                into: &$0
            )
        }
        piece = ByteBuffer()
        if client?.isWritable == false { connection?.setReading(false) }
    }

    func transferEnded(_ end: TransferEnd) {
        opening = nil
        connection = nil
        let now = Tick.now()
        if end.failure == nil, decoder?.endsEarly() == true { tell { exchange.failedToDecode(at: now, into: &$0) } }
        guard !exchange.isOver else { return }
        tell { exchange.transferEnded(end, at: now, into: &$0) }
    }

    /// An opening is on record, or cannot be.
    private func recorded(_ isRecorded: Bool) {
        inOwnTurn { tell { exchange.recorded(isRecorded, at: .now(), into: &$0) } }
    }
}

/// What the exchange wants done.
extension ExchangeDriver {
    private func perform(_ effects: inout ExchangeEffects) {
        var index = 0
        while index < effects.steps.count {
            let effect = effects.steps[index]
            index += 1
            switch effect {
            case .keepPiece:
                guard !body.append(piece) else { continue }
                effects.removeAll()
                index = 0
                exchange.refusedToGather(.gatherBudgetFull, at: .now(), into: &effects)
            case .record(let record, let account):
                guard let isRecorded = self.record(record, account) else { continue }
                effects.removeAll()
                index = 0
                exchange.recorded(isRecorded, at: .now(), into: &effects)
            default: perform(effect, effects.output)
            }
        }
    }

    private func perform(_ effect: ExchangeEffect, _ output: [UInt8]) {
        switch effect {
        case .gather: body.gather()
        case .keepPiece, .record: break
        case .start(let plan): start(plan)
        case .relayPiece: relayPiece()
        case .relayEnd: relayEnd()
        case .open(let head): open(head)
        case .send: client?.send(piece)
        case .sendOutput: if !output.isEmpty { client?.send(copying: output.span) }
        case .finish: releaseClient()?.finish()
        case .breakOff: releaseClient()?.breakOff()
        case .refuse(let refusal): releaseClient()?.answer(refusal, id: id)
        case .stop: stop()
        case .drain: drain()
        case .conclude(let summary): conclude(summary)
        }
    }

    private func releaseClient() -> ClientHandler? {
        defer { client = nil }
        return client
    }

    /// Puts a fact on record.
    ///
    /// - Returns: For an opening, whether it is recorded; nil if that comes later, and for other facts.
    private func record(_ record: ChargeRecord, _ account: ChargeAccount?) -> Bool? {
        guard case .opened = record else {
            services.recorder.record(record, account, on: loop.index)
            return nil
        }
        let driver = NIOLoopBound(self, eventLoop: loop.eventLoop)
        return services.recorder.open(record, on: loop.index) { [eventLoop = loop.eventLoop] isRecorded in
            eventLoop.execute { driver.value.recorded(isRecorded) }
        }
    }

    private func start(_ plan: UpstreamPlan) {
        if !body.hasBegun { services.recorder.began(provider: plan.provider.name) }
        body.hasBegun = true
        self.plan = plan
        startedAt = .now()
        guard let access = active.providers[plan.provider] else { return cannotSend("the provider is not configured") }
        guard !plan.substitutesKey || access.authorization != nil else {
            return cannotSend("the provider's key is no field value")
        }
        if let idle = loop.providers.takeIdle(access) { return connected(idle) }
        client?.setTakesBody(false)
        opening = loop.providers.open(access, for: self)
    }

    /// The request stays here.
    private func cannotSend(_ detail: String) {
        plan = nil
        transferEnded(TransferEnd(failure: .unreachable, reachedProvider: false, detail: detail))
    }

    private func relayPiece() {
        guard !body.isLeftOut else { return }
        guard let connection else { return body.keep(piece) }
        connection.send(piece)
        connection.flush()
        if !connection.isWritable { client?.setTakesBody(false) }
    }

    private func relayEnd() {
        guard let connection else { return body.isWhole = true }
        connection.sendEnd()
        connection.flush()
    }

    private func open(_ head: ClientHead) {
        // The request is sent a second time only while its answer is kept from the client.
        body.isNotNeededAgain()
        client?.open(head)
    }

    private func stop() {
        plan = nil
        opening?.giveUp()
        connection?.abort()
        (opening, connection) = (nil, nil)
    }

    private func drain() {
        connection?.setReading(true)
        let timer = DeadlineTimer(eventLoop: loop.eventLoop) { [weak self] in self?.timePassed() }
        timer.set(deadline)
        drainTimer = timer
    }

    private func conclude(_ summary: ExchangeSummary) {
        drainTimer?.stop()
        body.letGo()
        services.recorder.ended(summary)
        services.exchangeEnded()
    }
}
