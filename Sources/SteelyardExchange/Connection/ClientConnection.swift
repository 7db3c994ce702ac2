public import SteelyardPolicy
import SteelyardWire

/// The life of one client connection, without its socket: which bytes are whose, what may be read now, how long Steelyard
/// waits, and how the connection ends.
///
/// The owner passes what happened and does what the ``ClientStep``s say. Pipelined requests are answered one after
/// another: while an answer is outstanding, the bytes of later requests wait with the owner.
///
///     head ── head read ──► body ── end read ──► complete ── answered ──► head
///      │                     │                      │
///      └── closing or lingering ◄───────────────────┘ ──► closed
public struct ClientConnection: Sendable {
    /// What happens to bytes that arrive.
    enum Phase: Sendable {
        /// Between requests, or within a head. Exits: `body`, `lingering`, `closing`, `closed`.
        case head
        /// The head is whole, the request is not. Exits: `complete`, `lingering`, `closing`, `closed`.
        case body
        /// The request is whole; later bytes wait. Exits: `head` when it is answered, `lingering`, `closing`, `closed`.
        case complete
        /// Nothing more is sent; up to so many bytes are discarded. Exits: `closed`.
        case lingering(remainingBytes: Int)
        /// Nothing more is read; what was written is still being sent. Exits: `closed`.
        case closing
        /// Over.
        case closed
    }

    /// The properties of the current request that affect its answer.
    struct Request: Sendable {
        /// Whether the answer may be chunked; HTTP/1.0 does not know chunks.
        var allowsChunks = true
        /// Whether the answer has no body: HEAD.
        var isHEAD = false
        /// Whether body bytes are still to come.
        var expectsBody = false
        /// Whether the connection ends after the answer.
        var closes = false
        /// Whether the whole answer was written before the request was whole.
        var isAnswered = false
        /// How fast its body comes.
        var pace = BodyPace()
    }

    private let limits: ConnectionLimits
    private var reader: HTTPRequestReader
    var phase = Phase.head
    var request = Request()
    var inputEnd = InputEnd()
    var progress = WriteProgress()
    /// Whether the listener is ending.
    var isQuiescing = false
    /// Whether the current body may be read on; a slow provider stops that.
    private var takesBody = true
    /// Whether a head of the current answer has been written.
    private(set) var isAnswering = false
    /// When the current head began.
    private var headBeganAt: Tick?
    /// When an ending connection has had enough time.
    private var endsBy: Tick?

    /// Begins.
    public init(_ limits: ConnectionLimits) {
        self.limits = limits
        reader = HTTPRequestReader(headLimitBytes: limits.headerBytes)
    }
}

/// The limits of a client connection in the form in which they are used.
public struct ConnectionLimits: Sendable {
    let headerBytes: Int
    let lingerBytes: Int
    let times: ConnectionTimes
    let guards: ConnectionGuards

    /// Converts the limits, once for all connections.
    public init(_ limits: ClientLimits, _ linger: LingerLimits = LingerLimits(), guards: ConnectionGuards = .all) {
        headerBytes = limits.headerBytes
        lingerBytes = linger.byteCount
        times = ConnectionTimes(limits, linger)
        self.guards = guards
    }
}

/// What a connection does against clients that mean harm; only tests switch any of it off. Each has a test that fails
/// without it.
public struct ConnectionGuards: OptionSet, Sendable {
    /// The bits of the set.
    public let rawValue: UInt8

    /// Makes a set of its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// If a connection is refused while its client still sends, Steelyard reads on for a limited time.
    public static let lingeringClose = ConnectionGuards(rawValue: 1 << 0)
    /// A client that sends nothing more is asked whether it still waits; nothing else shows that it has left.
    public static let presenceCheck = ConnectionGuards(rawValue: 1 << 1)
    /// The time of a whole request body is limited, not only the silence within it.
    public static let bodyPace = ConnectionGuards(rawValue: 1 << 2)

    /// Every guard: what production runs with.
    public static let all: ConnectionGuards = [.lingeringClose, .presenceCheck, .bodyPace]
}

/// Bytes from the client.
extension ClientConnection {
    /// The page whose script sent a head that was refused; nil for other requests, and for other clients.
    public var refusedOrigin: String? { reader.refusedFields?.first("origin") }

    /// The next step that `bytes` lead to; nil when more bytes are needed, or when these must wait.
    ///
    /// - Parameters:
    ///   - bytes: What has come and was not used yet.
    ///   - position: Where to read on; moves past what was used.
    public mutating func next(in bytes: Span<UInt8>, at position: inout Int, now: Tick) -> ClientStep? {
        switch phase {
        // The end takes no room. Held back, it would wait for bytes that do not come.
        case .body where !takesBody && !reader.isAtEnd: return nil
        case .head, .body: return readOn(in: bytes, at: &position, now)
        case .complete: return nil
        case .lingering(let remaining): return discard(in: bytes, at: &position, remaining)
        case .closing, .closed:
            position = bytes.count
            return nil
        }
    }

    private mutating func readOn(in bytes: Span<UInt8>, at position: inout Int, _ now: Tick) -> ClientStep? {
        let start = position
        do throws(RequestDefect) {
            switch try reader.read(bytes, at: &position) {
            case .more: return awaitMore(now)
            case .head(let head): return begin(head)
            case .body(let range):
                request.pace.received(range.count)
                return .body(range)
            case .end: return requestEnded(isFollowed: position < bytes.count)
            }
        } catch {
            if case .head = phase { request.isHEAD = bytes.extracting(start...).isMethodHEAD }
            return .fail(Refusal(error))
        }
    }

    private mutating func awaitMore(_ now: Tick) -> ClientStep? {
        if inputEnd.hasCome { return endAfterInput() }
        if case .head = phase { headBeganAt = reader.isWithinHead ? headBeganAt ?? now : nil }
        return nil
    }

    /// HTTP/1.0 connections end with their answer: to continue, the answer would need a `keep-alive` (RFC 9112 §C.2.2).
    /// So do those whose client offered another protocol: its next bytes may be meant for that.
    private mutating func begin(_ head: RequestHead) -> ClientStep {
        phase = .body
        headBeganAt = nil
        takesBody = true
        request = Request()
        request.allowsChunks = head.facts.isHTTP11
        request.isHEAD = head.method == "HEAD"
        request.expectsBody = head.hasBody
        request.closes =
            !head.facts.keepsAlive || !head.facts.isHTTP11 || head.facts.offersUpgrade || isQuiescing
        return .begin(head)
    }

    private mutating func requestEnded(isFollowed: Bool) -> ClientStep {
        phase = .complete
        request.expectsBody = false
        guard request.isAnswered else { return .requestEnd }
        return answerEnded(hasUnread: isFollowed).map { .leave($0) } ?? .requestEnd
    }

    /// The discarded bytes may be of any number of requests; none is answered.
    private mutating func discard(in bytes: Span<UInt8>, at position: inout Int, _ remaining: Int) -> ClientStep? {
        let count = bytes.count - position
        position = bytes.count
        guard count <= remaining else { return leave(.cut) }
        phase = .lingering(remainingBytes: remaining - count)
        return nil
    }

    /// The client sends nothing more, and nothing that came waits to be read. An incomplete request gets no answer.
    private mutating func endAfterInput() -> ClientStep? {
        switch phase {
        case .head: leave(reader.isWithinHead ? .closeNow : .close)
        case .body: leave(.closeNow)
        case .complete, .lingering, .closing, .closed: nil
        }
    }

    /// The client sends nothing more. It may still wait for its answer.
    ///
    /// - Parameter hasUnread: Whether bytes that came before wait to be read.
    public mutating func receivedInputEnd(hasUnread: Bool, now: Tick) -> ClientStep? {
        let isChecked = limits.guards.contains(.presenceCheck)
        inputEnd.came(asking: isChecked ? now.advanced(byNanoseconds: limits.times.presence) : nil)
        switch phase {
        case .head, .body: return hasUnread ? nil : endAfterInput()
        case .lingering: return leave(.closeNow)
        // Written bytes may still be on their way; the deadline of an ending connection limits the wait.
        case .complete, .closing, .closed: return nil
        }
    }

    /// Whether to read from the socket now.
    ///
    /// - Parameter hasUnread: Whether bytes wait to be read already.
    public func reads(hasUnread: Bool) -> Bool {
        switch phase {
        case .head, .lingering: true
        case .body: takesBody
        case .complete: !hasUnread
        case .closing, .closed: false
        }
    }

    /// Whether the rest of the body may come now.
    public mutating func setTakesBody(_ takes: Bool) { takesBody = takes }

    /// Whether the current request waits for `100 Continue`: its body has not come, and it was not answered.
    public var expectsBody: Bool { request.expectsBody }
}

extension Span<UInt8> {
    /// Whether a request line with the method HEAD begins here. What is refused has no other sign of its method.
    fileprivate var isMethodHEAD: Bool {
        count > 4 && self[0] == UInt8(ascii: "H") && self[1] == UInt8(ascii: "E") && self[2] == UInt8(ascii: "A")
            && self[3] == UInt8(ascii: "D") && self[4] == UInt8(ascii: " ")
    }
}

/// Answers.
extension ClientConnection {
    /// Whether the answer may be chunked.
    public var allowsChunks: Bool { request.allowsChunks }
    /// Whether the answer has no body.
    public var answersHEAD: Bool { request.isHEAD }

    /// The head of an answer is about to be written.
    ///
    /// - Parameters:
    ///   - isLast: Whether the process is about to end, or the client may still send what nobody reads.
    ///   - hasUnread: Whether bytes of a next request wait.
    /// - Returns: Whether the connection ends after this answer.
    public mutating func answerBegan(isLast: Bool, hasUnread: Bool) -> Bool {
        isAnswering = true
        if isLast || isQuiescing || (inputEnd.hasCome && !hasUnread) { request.closes = true }
        return request.closes
    }

    /// Only the end of the connection can show the end of this answer.
    public mutating func answerEndsByClosing() { request.closes = true }

    /// The whole answer has been written.
    ///
    /// - Parameter hasUnread: Whether bytes of a next request wait.
    /// - Returns: How the connection ends; nil: it takes the next request, or reads the rest of this one.
    public mutating func answerEnded(hasUnread: Bool) -> ConnectionEnding? {
        isAnswering = false
        switch phase {
        case .complete where request.closes || isQuiescing: return end(hasUnread ? .linger : .close)
        // The client has ended its input while the answer was written, and nothing that it sent waits.
        case .complete where inputEnd.hasCome && !hasUnread: return end(.close)
        case .complete:
            phase = .head
            request = Request()
            return nil
        // The answer came before the request was complete: nobody needs the rest of the body.
        case .body where request.expectsBody: return end(.linger)
        case .body:
            request.isAnswered = true
            return nil
        case .head, .lingering, .closing, .closed: return nil
        }
    }

    /// The connection must end after what was written, although its client may still be sending.
    public mutating func mustLinger() -> ConnectionEnding { end(.linger) }

    /// Bytes were written for the client.
    public mutating func wrote(_ byteCount: Int) {
        progress.wrote(byteCount)
        inputEnd.wrote()
    }

    /// The client does not take more: `waiting` bytes wait for it.
    public mutating func becameUnwritable(waiting: Int, at now: Tick) { progress.stalled(at: now, waiting: waiting) }
}

/// The end.
extension ClientConnection {
    /// Whether the connection is ending, so that nothing more is answered.
    public var isEnding: Bool {
        switch phase {
        case .head, .body, .complete: false
        case .lingering, .closing, .closed: true
        }
    }

    /// The listener is ending: the connection ends after its current answer.
    public mutating func quiesce() -> ClientStep? {
        isQuiescing = true
        guard case .head = phase, !reader.isWithinHead else { return nil }
        return leave(.close)
    }

    /// Begins to end, and says how.
    public mutating func end(_ ending: ConnectionEnding) -> ConnectionEnding {
        guard !isEnding else { return ending }
        switch ending {
        case .linger where limits.guards.contains(.lingeringClose) && !inputEnd.hasCome:
            phase = .lingering(remainingBytes: limits.lingerBytes)
            return .linger
        case .linger, .close:
            phase = .closing
            return .close
        case .closeNow, .cut:
            phase = .closed
            return ending
        }
    }

    private mutating func leave(_ ending: ConnectionEnding) -> ClientStep {
        if case .lingering = phase {
            phase = .closed
            return .leave(ending)
        }
        return .leave(end(ending))
    }

    /// What was written is being sent; a slow client may need time for it.
    public mutating func beganEnding(waiting: Int, at now: Tick) {
        progress.stalled(at: now, waiting: waiting)
        endsBy = now.advanced(byNanoseconds: limits.times.writeStall)
    }

    /// Everything has been sent: from here on, lingering costs only the client.
    public mutating func sentEverything(at now: Tick) {
        if case .lingering = phase { endsBy = now.advanced(byNanoseconds: limits.times.linger) }
    }

    /// The connection is closed.
    public mutating func closed() { phase = .closed }
}

/// Time limits: one deadline for whatever the connection waits for.
extension ClientConnection {
    /// When to call ``timePassed(at:isWritable:waiting:)``.
    ///
    /// - Parameters:
    ///   - exchange: When the exchange wants to be called.
    ///   - isWritable: Whether the client takes bytes.
    ///   - awaitsAdmin: Whether the answer is made elsewhere, so that no body is waited for.
    public mutating func deadline(exchange: Tick?, isWritable: Bool, awaitsAdmin: Bool, at now: Tick) -> Tick? {
        switch phase {
        case .head:
            let times = limits.times
            guard let headBeganAt else { return now.advanced(byNanoseconds: times.idle) }
            return headBeganAt.advanced(byNanoseconds: times.head)
        case .body:
            let awaitsBody = awaitsBody(awaitsAdmin)
            request.pace.waits(awaitsBody, at: now)
            return awaitsBody ? bodyDeadline(at: now) : answerDeadline(exchange, isWritable)
        case .complete: return answerDeadline(exchange, isWritable)
        case .lingering, .closing: return endsBy
        case .closed: return nil
        }
    }

    /// Whether Steelyard waits for the client: not while the provider takes the body slowly, or has already answered.
    private func awaitsBody(_ awaitsAdmin: Bool) -> Bool { takesBody && !isAnswering && !awaitsAdmin }

    /// Limits the longest silence, and the time for the whole body.
    private func bodyDeadline(at now: Tick) -> Tick {
        let silence = now.advanced(byNanoseconds: limits.times.body)
        guard limits.guards.contains(.bodyPace) else { return silence }
        return min(silence, request.pace.deadline(silenceNanoseconds: limits.times.body) ?? silence)
    }

    private func answerDeadline(_ exchange: Tick?, _ isWritable: Bool) -> Tick? {
        guard isWritable else { return progress.stalledSince.advanced(byNanoseconds: limits.times.writeStall) }
        guard let asksAt = inputEnd.asksAt else { return exchange }
        return exchange.map { min($0, asksAt) } ?? asksAt
    }

    /// The deadline has passed.
    ///
    /// - Parameter waiting: How many written bytes the kernel has not taken.
    public mutating func timePassed(at now: Tick, isWritable: Bool, awaitsAdmin: Bool, waiting: Int) -> ClientStep? {
        switch phase {
        case .head: return headBeganAt == nil ? leave(.close) : .fail(.headTimeout)
        case .body where awaitsBody(awaitsAdmin): return .fail(.bodyTimeout)
        case .body, .complete:
            guard isWritable else { return checkProgress(waiting, now) }
            return inputEnd.isDue(at: now) ? askPresence() : .timePassed
        case .lingering, .closing: return endingTookTooLong(waiting, now)
        case .closed: return nil
        }
    }

    /// A client that reads slowly has not stalled: the deadline moves as long as it takes bytes.
    private mutating func checkProgress(_ waiting: Int, _ now: Tick) -> ClientStep? {
        progress.hasMoved(at: now, waiting: waiting) ? nil : leave(.cut)
    }

    /// Finds out whether a client that sends nothing more still waits. Every client has to skip an interim response
    /// (RFC 9110 §15.2), and a closed socket replies to it with a reset. Within an answer, and in HTTP/1.0, no interim
    /// response can be sent: there the client counts as gone.
    private mutating func askPresence() -> ClientStep {
        isAnswering || !request.allowsChunks ? leave(.closeNow) : .askPresence
    }

    private mutating func endingTookTooLong(_ waiting: Int, _ now: Tick) -> ClientStep? {
        guard waiting > 0 else {
            phase = .closed
            return .leave(.closeNow)
        }
        if progress.hasMoved(at: now, waiting: waiting) {
            endsBy = now.advanced(byNanoseconds: limits.times.writeStall)
            return nil
        }
        phase = .closed
        return .leave(.cut)
    }
}
