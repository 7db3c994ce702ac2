import NIOCore
import SteelyardClock
import SteelyardCoding
import SteelyardCrypto
import SteelyardExchange
import SteelyardPolicy
import SteelyardUpstream
import SteelyardWire

/// Connects one `Exchange` with its client connection and its upstream transfer.
///
/// It makes no decisions: it tells the exchange what happened and does what the exchange decides. It may exist longer
/// than its connection, when a transfer is read to the end after the client has left.
///
/// Everything here runs on the connection's event loop. So the class can be the worker's observer without a lock: the
/// worker calls `received` only through `eventLoop.execute`.
final class ExchangeDriver: TransferObserver, @unchecked Sendable {
    private let services: ServerServices
    private let eventLoop: any EventLoop
    private let workerIndex: Int
    private weak var connection: ConnectionHandler?
    private var exchange: Exchange
    private var transfer: UpstreamTransfer?
    private var body = GatheredBody()
    /// The decoded copy and the edited form of a gathered body with a content coding; nil for other bodies.
    private var coded: CodedBody?
    /// Whether the whole gathered body has come.
    private var bodyIsWhole = false
    /// Whether reading continues in a later tick.
    private var readsLater = false
    /// How a body that is kept back will be sent; nil if none is, or no longer.
    private var upload: UpstreamBody?
    private var uncreditedBytes = 0
    private var scratch: [UInt8] = []
    private var drainTimer: DeadlineTimer?
    /// Whether the transfer was told to stop; then only its end is awaited.
    private var isStopping = false
    private var isOver = false

    init(services: ServerServices, eventLoop: any EventLoop, workerIndex: Int, connection: ConnectionHandler) {
        self.services = services
        self.eventLoop = eventLoop
        self.workerIndex = workerIndex
        self.connection = connection
        exchange = Exchange(
            rules: services.recorder.rules,
            id: .unique(milliseconds: UInt64(clamping: WallClock.milliseconds())),
            receivedAt: .now(),
            wallSeconds: WallClock.seconds()
        )
        services.exchangeBegan()
    }

    deinit { services.gatherBudget.giveBack(body.budgetedBytes + (coded?.budgetedBytes ?? 0)) }

    /// The id of the exchange.
    var id: ChargeID { exchange.id }

    /// When to call `timePassed` next.
    var deadline: NIODeadline? {
        isStopping ? nil : exchange.deadline.map { .uptimeNanoseconds($0.nanoseconds) }
    }
}

/// Input from the client.
extension ExchangeDriver {
    func receivedHead(_ head: RequestHead) {
        switch exchange.receivedHead(head, credentials: credentials(of: head)) {
        case .refuse(let refusal): refuse(refusal)
        case .gather(let expectedBytes):
            coded = CodedBody(head.fields.contentCoding)
            reserve(expectedBytes)
        case .peek: upload = head.relayedBody
        case .relay(let plan): begin(plan, body: head.relayedBody)
        }
    }

    /// Every key in the request, in the form in which it is looked up.
    private func credentials(of head: RequestHead) -> [Credential] {
        let knowsProviderKeys = exchange.knowsProviderKeys
        return head.fields.presentedKeys.map {
            Credential(presented: $0.span, knowsProviderKeys: knowsProviderKeys, sha256: Digest.sha256)
        }
    }

    private func reserve(_ byteCount: Int) {
        if !body.reserve(byteCount, within: services.gatherBudget) { refuse(.gatherBudgetFull) }
    }

    func receivedBody(_ piece: ByteBuffer) {
        guard !isOver else { return }
        if let transfer { return relay(piece, over: transfer) }
        if upload != nil { return peek(into: piece) }
        let limit = exchange.bodyLimitBytes
        guard body.byteCount + piece.readableBytes <= limit else { return refuse(.bodyTooLarge(limitBytes: limit)) }
        if !body.append(piece, within: services.gatherBudget) { return refuse(.gatherBudgetFull) }
        readOn()
    }

    /// One piece at a time: reading continues when the worker asks for more.
    private func relay(_ piece: ByteBuffer, over transfer: UpstreamTransfer) {
        guard passes(exchange.relayedBody(piece.readableBytesUInt8Span, at: .now())) else { return }
        transfer.send(piece)
        connection?.setReading(false)
    }

    /// Whether the relay may continue; if not, the client gets the refusal.
    private func passes(_ decision: RelayDecision) -> Bool {
        handOnRecord()
        guard case .refuse(let refusal) = decision else { return true }
        answerInstead(refusal)
        return false
    }

    private func peek(into piece: ByteBuffer) {
        guard body.append(piece, within: services.gatherBudget) else { return refuse(.gatherBudgetFull) }
        carryOut(exchange.peekedBody(piece.readableBytesUInt8Span, at: .now()))
    }

    private func carryOut(_ decision: PeekDecision) {
        switch decision {
        case .more: break
        case .refuse(let refusal): refuse(refusal)
        case .relay(let plan): beginUpload(plan)
        }
    }

    /// Sends the body that was kept back.
    private func beginUpload(_ plan: UpstreamPlan) {
        guard let upload else { return }
        self.upload = nil
        begin(plan, body: upload)
        transfer?.send(body.handOver())
        connection?.setReading(false)
    }

    func receivedEnd() {
        guard !isOver else { return }
        if upload != nil {
            carryOut(exchange.peekedEnd(at: .now()))
        } else if transfer == nil {
            bodyIsWhole = true
            return readOn()
        }
        guard !isOver, let transfer else { return }
        if passes(exchange.relayedEnd(at: .now())) { transfer.sendEnd() }
    }

    private func gathered() {
        switch exchange.receivedBody(body.bytes.readableBytesUInt8Span, at: .now()) {
        case .refuse(let refusal): refuse(refusal)
        case .forward(let plan): begin(plan, body: body.upstreamBody(editedBy: plan.edit))
        }
    }

    /// The same for a body with a content coding.
    private func gathered(_ copy: BodyCopy) {
        guard let coded else { return }
        let decision = exchange.receivedBody(
            coded.readable.readableBytesUInt8Span,
            copy: copy,
            sentBytes: body.byteCount,
            at: .now()
        )
        self.coded?.letGo(within: services.gatherBudget)
        switch decision {
        case .refuse(let refusal): refuse(refusal)
        case .forward(let plan):
            let edited = plan.edit == nil ? nil : coded.edited
            begin(plan, body: edited.map { .gathered($0) } ?? body.upstreamBody(editedBy: nil))
        }
    }

    /// Reads on in a gathered body: one slice now, and the others in later ticks, so that the loop's other connections
    /// do not wait.
    private func readOn() {
        guard !isOver, !readsLater else { return }
        if coded != nil {
            if bodyIsWhole { decodeOn() }
        } else if exchange.readOn(in: body.bytes.readableBytesUInt8Span) {
            readLater()
        } else if bodyIsWhole {
            gathered()
        }
    }

    private func decodeOn() {
        switch coded?.copy {
        case nil: decodeSlice()
        case .whole: readCopy()
        case let copy?: gathered(copy)
        }
    }

    private func decodeSlice() {
        let hasRoom = coded?.decode(body.bytes, limitBytes: exchange.bodyLimitBytes, within: services.gatherBudget)
        guard hasRoom == true, let coded else { return refuse(.gatherBudgetFull) }
        // A small body is finished within one tick.
        if coded.copy != nil, coded.readable.readableBytes <= BodyDecoder.sliceBytes { return decodeOn() }
        _ = exchange.readOn(in: coded.readable.readableBytesUInt8Span)
        readLater()
    }

    private func readCopy() {
        guard let readable = coded?.readable else { return }
        if exchange.readOn(in: readable.readableBytesUInt8Span) { return readLater() }
        guard let edit = exchange.expectedEdit else { return gathered(.whole) }
        switch coded?.encode(edit) {
        case true?: readLater()
        case false?: gathered(.whole)
        case nil: refuse(.gatherBudgetFull)
        }
    }

    private func readLater() {
        readsLater = true
        eventLoop.execute { [self] in
            readsLater = false
            readOn()
            connection?.flush()
            connection?.updateDeadline()
        }
    }

    func clientTookBytes() {
        exchange.clientTookBytes(at: .now())
        creditEverything()
    }

    /// The client has left: its channel is closed.
    func clientLeft() {
        connection = nil
        guard !isOver else { return }
        switch exchange.clientLeft(at: .now()) {
        case .cancel: stop()
        case .drain: drain()
        case .conclude: conclude()
        }
    }

    /// The client's request was broken or too slow while it was being read; the connection answers.
    func requestFailed(_ refusal: Refusal) {
        connection = nil
        guard !isOver else { return }
        exchange.refused(with: refusal)
        if transfer == nil { conclude() } else { stop() }
    }

    private func drain() {
        creditEverything()
        let timer = DeadlineTimer(eventLoop: eventLoop) { [weak self] in self?.timePassed() }
        timer.set(deadline)
        drainTimer = timer
    }
}

/// Output to the provider.
extension ExchangeDriver {
    private func begin(_ plan: UpstreamPlan, body: UpstreamBody) {
        services.recorder.began(provider: exchange.providerName ?? "none")
        start(plan, body: body)
    }

    private func start(_ plan: UpstreamPlan, body: UpstreamBody) {
        let worker = services.upstream.worker(workerIndex)
        transfer = worker.start(plan, body: body, on: eventLoop, observer: self)
    }

    /// Sends the original bytes, because the provider refused the edit before doing any work. If the first answer was
    /// being stopped, that is over; the second answer has a time limit of its own.
    private func startAgain(_ plan: UpstreamPlan) {
        isStopping = false
        start(plan, body: body.upstreamBody(editedBy: nil))
    }

    func timePassed() {
        guard !isOver else { return }
        switch exchange.timePassed(at: .now()) {
        case .wait: drainTimer?.set(deadline)
        case .cancel: stop()
        }
    }

    /// Stops the transfer. Its end, which comes in any case, ends the exchange.
    private func stop() {
        isStopping = true
        transfer?.cancel()
    }
}

/// Input from the provider.
extension ExchangeDriver {
    func received(_ events: [TransferEvent]) {
        for event in events where !isOver { received(event) }
        guard let connection else { return }
        connection.flush()
        connection.updateDeadline()
    }

    private func received(_ event: TransferEvent) {
        switch event {
        case .departed(let startedAt, let departedAt):
            exchange.departed(at: departedAt, startedAt: startedAt)
        case .wantsBody: connection?.readBody()
        case .answered(let head, let firstByteAt): answered(head, firstByteAt: firstByteAt)
        case .piece(let raw, let decoded): received(raw, decoded)
        case .undecodable: exchange.failedToDecode()
        case .ended(let end): ended(end)
        }
    }

    private func answered(_ head: AnswerHead, firstByteAt: Tick) {
        let decision = exchange.answered(head, firstByteAt: firstByteAt, at: .now())
        handOnRecord()
        switch decision {
        case .relay(let clientHead):
            // The request is sent a second time only if the answer is kept back from the client.
            body.letGo()
            connection?.open(clientHead)
        case .keepBack: break
        case .refuse(let refusal): answerInstead(refusal)
        }
    }

    /// The client does not get the provider's answer; the end of the transfer ends the exchange.
    private func answerInstead(_ refusal: Refusal) {
        connection?.answer(refusal, id: id)
        connection?.flush()
        connection?.updateDeadline()
        connection = nil
        stop()
    }

    private func received(_ raw: ByteBuffer, _ decoded: ByteBuffer?) {
        scratch.removeAll(keepingCapacity: true)
        let decision = exchange.receivedPiece(
            raw.readableBytesUInt8Span,
            decoded: decoded?.readableBytesUInt8Span,
            at: .now(),
            into: &scratch
        )
        handOnRecord()
        switch decision {
        case .unchanged: connection?.send(raw)
        case .replaced: sendScratch()
        case .keepBack: break
        case .release(let head):
            connection?.open(head)
            sendScratch()
        case .cutOff: stop()
        }
        credit(raw.readableBytes)
    }

    private func ended(_ end: TransferEnd) {
        scratch.removeAll(keepingCapacity: true)
        transfer = nil
        let decision = exchange.transferEnded(end, at: .now(), into: &scratch)
        if case .repeatUnedited(let plan) = decision { return startAgain(plan) }
        // Before the last bytes reach the client, the charge is settled and the summary is recorded.
        conclude()
        carryOut(decision)
    }

    private func carryOut(_ decision: EndDecision) {
        switch decision {
        case .releaseAndFinish(let head):
            connection?.open(head)
            sendScratch()
            connection?.finish()
        case .finish:
            sendScratch()
            connection?.finish()
        case .breakOff:
            sendScratch()
            connection?.breakOff()
        case .refuse(let refusal): connection?.answer(refusal, id: id)
        case .repeatUnedited: break
        }
    }

    private func sendScratch() {
        guard !scratch.isEmpty else { return }
        let piece = scratch
        connection?.send(copying: piece.span)
    }
}

/// Flow control and the end.
extension ExchangeDriver {
    /// Bytes count as taken once they fit into the client's queue; until then the worker keeps the rest back.
    private func credit(_ byteCount: Int) {
        uncreditedBytes += byteCount
        if connection?.isWritable ?? true { creditEverything() }
    }

    private func creditEverything() {
        guard uncreditedBytes > 0 else { return }
        transfer?.consumed(uncreditedBytes)
        uncreditedBytes = 0
    }

    private func handOnRecord() {
        if let record = exchange.takeRecord() { services.recorder.record(record, exchange.account) }
    }

    /// Steelyard answers the request itself; nothing has been sent to a provider.
    private func refuse(_ refusal: Refusal) {
        exchange.refused(with: refusal)
        conclude()
        connection?.answer(refusal, id: id)
    }

    /// The only way to the end, used exactly once: charge, summary, recorder.
    private func conclude() {
        isOver = true
        drainTimer?.stop()
        let summary = exchange.conclude(at: .now())
        handOnRecord()
        services.recorder.ended(summary)
        services.exchangeEnded()
    }
}

extension RequestHead {
    /// How a body that is not gathered is sent: with the client's framing.
    fileprivate var relayedBody: UpstreamBody { hasBody ? .streamed(length: facts.contentLength) : emptyBody }

    /// A POST without a body sends `content-length: 0` (RFC 9110 §8.6); a GET sends no such field.
    private var emptyBody: UpstreamBody {
        facts.contentLength == 0 || method == "POST" || method == "PUT" || method == "PATCH"
            ? .gathered(ByteBuffer()) : .none
    }
}
