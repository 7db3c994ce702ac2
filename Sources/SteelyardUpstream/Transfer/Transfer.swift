import CCurl
import NIOCore
import SteelyardClock
import SteelyardCoding
import SteelyardExchange
import SteelyardPolicy
import SteelyardWire

/// One request on its worker's thread: its state, and the events that are still to be delivered.
///
/// Only that thread touches it. It ends once: the worker removes it from its table, and callbacks that come later find
/// a handle without a transfer.
final class Transfer {
    /// What happens to a piece of the answer.
    enum PieceVerdict {
        case taken
        /// Too many bytes are still on their way to the client: libcurl keeps the piece and offers it again.
        case wait
        /// There is no head to which it could belong.
        case refused
    }

    /// Why Steelyard itself stopped it.
    enum Abort {
        /// libcurl was about to send the request a second time.
        case resend
        /// The connection held unread bytes; nothing was sent.
        case uncleanConnection
        /// The answer's head is broken.
        case headDefect(AnswerDefect)
        /// The streamed body did not have the declared length.
        case bodyLength
    }

    let entry: ProviderTable.Entry
    /// The part its owner holds.
    let owner: UpstreamTransfer
    private var body: RetainedBytes
    private unowned let worker: WorkerLoop
    private let eventLoop: any EventLoop
    private let observer: any TransferObserver

    /// The handle it runs on; nil before the start and after the end.
    var handle: EasyHandle?
    private(set) var abort: Abort?
    private(set) var hasDeparted = false
    private(set) var isHeadComplete = false
    private(set) var hasRepeated = false
    /// Set when a socket to a link-local address was refused.
    private(set) var refusedLinkLocal = false
    private var isReceivePaused = false
    private var socket: SocketRegistry.OpenSocket?
    private var isOnSocket = false
    private var upload: UploadQueue?
    private var headReader: AnswerHeadReader
    private var firstByteAt: Tick?
    /// When the worker started the transfer.
    private let startedAt = Tick.now()
    private var framing = AnswerHead.Framing.none
    private var bodyByteCount: Int64 = 0
    private var outbox = TransferOutbox()
    private var isListed = false

    init(_ newcomer: Newcomer, entry: ProviderTable.Entry, worker: WorkerLoop) {
        owner = newcomer.transfer
        eventLoop = newcomer.eventLoop
        observer = newcomer.observer
        headReader = AnswerHeadReader(
            answersHEAD: newcomer.plan.method == "HEAD",
            allowsHTTP2: entry.allowsHTTP2
        )
        self.entry = entry
        self.worker = worker
        var gathered = ByteBuffer()
        switch newcomer.body {
        case _ where EasyHandle.Kind(newcomer.plan, newcomer.body) == .head: break
        case .none: break
        case .gathered(let buffer): gathered = buffer
        case .streamed(let length): upload = UploadQueue(length: length)
        }
        body = RetainedBytes(gathered)
    }

    /// Prepares `handle` to run it; false if the request cannot be sent as it is.
    ///
    /// The transfer does not keep the request, because an answer may take minutes; a repetition finds the request in
    /// the handle.
    func begin(_ plan: UpstreamPlan, _ planned: UpstreamBody, on handle: EasyHandle) -> Bool {
        guard handle.prepare(plan, planned, bytes: body) else { return false }
        self.handle = handle
        handle.transfer = self
        askForBody()
        return true
    }

    /// Prepares for the one repetition that is allowed: nothing had been sent.
    func beginAgain() {
        abort = nil
        hasRepeated = true
        handle?.setFreshConnection(true)
        handle?.setForbidsReuse(false)
    }

    /// Releases the handle; after that, libcurl makes no more calls.
    func detach() -> EasyHandle? {
        defer { handle = nil }
        leaveSocket()
        handle?.transfer = nil
        return handle
    }

    /// Adds an event to what this round delivers.
    func report(_ event: TransferEvent) {
        outbox.append(event)
        list()
    }

    private func list() {
        guard !isListed else { return }
        isListed = true
        worker.hasNews(self)
    }

    /// Delivers all new events to the observer, in one task.
    func deliver() {
        isListed = false
        let events = outbox.take()
        let observer = observer
        eventLoop.execute { observer.received(events) }
    }
}

/// What libcurl's callbacks report.
extension Transfer {
    /// A connection is ready; true lets libcurl send the request.
    func departs(localPort: UInt16, peerPort: UInt16, peerAddress: UnsafePointer<CChar>) -> Bool {
        let guards = worker.guards
        // The second time within one transfer is a repetition (libcurl 7.88.1, `Curl_retry_request`).
        if hasDeparted, guards.contains(.resend) {
            abort = .resend
            return false
        }
        leaveSocket()
        socket = worker.sockets.socket(localPort: localPort, peerPort: peerPort, peerAddress: peerAddress)
        if guards.contains(.uncleanReuse), socket?.isUnclean == true {
            abort = .uncleanConnection
            handle?.setForbidsReuse(true)
            return false
        }
        socket?.takesRequest()
        isOnSocket = socket != nil
        if !hasDeparted { tellDeparture() }
        hasDeparted = true
        return true
    }

    private func leaveSocket() {
        if isOnSocket, let socket { worker.sockets.endedRequest(on: socket) }
        isOnSocket = false
    }

    /// On a reused connection, start and departure happen in one round, and nobody waits for this event. So it is
    /// delivered with the next event, which saves the event loop a wake-up.
    private func tellDeparture() {
        outbox.append(.departed(startedAt: startedAt, at: .now()))
        if socket?.isUsedAgain != true { list() }
    }

    /// A line of the answer's head, or of its trailers, which are dropped (RFC 9110 §6.5.1 allows it).
    func receivedHeaderLine(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        guard !isHeadComplete else { return true }
        if firstByteAt == nil { receivedFirstLine(line) }
        do throws(AnswerDefect) {
            if case .complete(let head) = try headReader.received(line.span) { answered(head) }
            return true
        } catch {
            return headIsDefective(error)
        }
    }

    private func receivedFirstLine(_ line: UnsafeBufferPointer<UInt8>) {
        firstByteAt = .now()
        if entry.allowsHTTP2 { socket?.isMultiplexed = line.starts(with: "HTTP/2".utf8) }
    }

    /// Ends the transfer; without the guard it continues in libcurl's own way.
    private func headIsDefective(_ defect: AnswerDefect) -> Bool {
        guard judgesHead else {
            answered(AnswerHead(status: 200, reason: [], fields: HeaderFields(), framing: .untilClose))
            return true
        }
        abort = .headDefect(defect)
        return false
    }

    private func answered(_ head: AnswerHead) {
        isHeadComplete = true
        letGoOfBody()
        framing = head.framing
        if head.announcesImpossibleBody, worker.guards.contains(.uncleanReuse) { handle?.setForbidsReuse(true) }
        outbox.decodes(with: ContentDecoder(head.fields.contentCoding))
        report(.answered(head, firstByteAt: firstByteAt ?? .now()))
    }

    /// A body that has been sent is not read again: there is no second send (``TransferGuards/resend``), and libcurl,
    /// which keeps the address, rewinds such a body without reading it (7.88.1, `Curl_readrewind`).
    private func letGoOfBody() {
        if let handle, handle.sentBodyByteCount >= body.count { body.letGo() }
    }

    /// Whether a success without a whole head is checked.
    var judgesHead: Bool { worker.guards.contains(.headValidation) }

    /// Whether the body has the length its head declared.
    var isBodyWhole: Bool {
        if case .length(let length) = framing { return bodyByteCount == length }
        return true
    }

    /// A piece of the answer's body.
    func receivedBody(_ bytes: UnsafeRawBufferPointer) -> PieceVerdict {
        guard isHeadComplete else { return .refused }
        if owner.credit.mustWait() {
            isReceivePaused = true
            return .wait
        }
        owner.credit.delivered(bytes.count)
        bodyByteCount += Int64(bytes.count)
        outbox.append(bytes)
        list()
        return .taken
    }

    /// libcurl has room for more of a streamed body.
    func readsBody(into target: UnsafeMutableRawBufferPointer) -> UploadQueue.Answer {
        let answer = upload?.read(into: target) ?? .end
        if answer == .broken { abort = .bodyLength }
        askForBody()
        return answer
    }

    /// libcurl opens a socket to `address`.
    func opensSocket(to address: UnsafePointer<curl_sockaddr>) -> Int32 {
        if worker.guards.contains(.linkLocal), !entry.provider.settings.allowsLinkLocal,
            SocketAddress(address).isLinkLocal
        {
            refusedLinkLocal = true
            return CURL_SOCKET_BAD
        }
        return worker.sockets.open(address, isMultiplexed: entry.allowsHTTP2)
    }
}

/// The owner's requests.
extension Transfer {
    /// The client took enough bytes: the answer continues.
    func resumeReceiving() {
        isReceivePaused = false
        unpause()
    }

    /// The next piece of the body is here; false when the body is now longer than declared.
    func received(piece: ByteBuffer) -> Bool {
        guard upload?.append(piece) != false else {
            abort = .bodyLength
            return false
        }
        askForBody()
        resumeSending()
        return true
    }

    /// The body is complete.
    func receivedBodyEnd() {
        upload?.end()
        resumeSending()
    }

    private func askForBody() {
        if upload?.shouldAsk() == true { report(.wantsBody) }
    }

    private func resumeSending() {
        guard upload?.isPaused == true else { return }
        upload?.resumed()
        unpause()
    }

    /// Each direction has its own pause; libcurl takes both in one call.
    private func unpause() {
        guard let handle else { return }
        var paused = CURLPAUSE_CONT
        if isReceivePaused { paused |= CURLPAUSE_RECV }
        if upload?.isPaused == true { paused |= CURLPAUSE_SEND }
        curl_easy_pause(handle.easy, paused)
    }
}
