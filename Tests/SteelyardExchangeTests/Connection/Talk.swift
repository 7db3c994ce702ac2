import SteelyardPolicy
import SteelyardWire

@testable import SteelyardExchange

/// What happens to a client connection in a transcript.
enum ConnectionInput: Sendable {
    /// Bytes come.
    case bytes(String)
    /// A FIN comes.
    case fin
    /// The head of an answer is written; the last one that the server sends?
    case opened(isLast: Bool = false)
    /// The answer ends.
    case answered
    /// Bytes are written.
    case wrote(Int)
    /// The client does not take more than this.
    case unwritable(waiting: Int)
    /// The provider takes more of the body, or no more.
    case takesBody(Bool)
    /// Time passes, and whatever is due by then happens.
    case passed(milliseconds: UInt64, isWritable: Bool = true, waiting: Int = 0)
    /// The listener ends.
    case quiesce
    /// Everything that was written has been sent.
    case sent
}

/// A client connection with the bytes that its owner would keep for it.
struct Talk {
    private var connection: ClientConnection
    private var unread: [UInt8] = []
    private var now = Tick(nanoseconds: 1_000_000_000)
    private var awaitsAdmin = false

    init(
        _ limits: ClientLimits = ClientLimits(),
        _ linger: LingerLimits = LingerLimits(),
        guards: ConnectionGuards = .all
    ) {
        connection = ClientConnection(ConnectionLimits(limits, linger, guards: guards))
    }

    /// Whether the owner would read from the socket.
    var reads: Bool { connection.reads(hasUnread: !unread.isEmpty) }

    /// How long the connection waits now, in milliseconds; nil for ever.
    mutating func waitsMilliseconds(isWritable: Bool = true) -> UInt64? {
        connection.deadline(exchange: nil, isWritable: isWritable, awaitsAdmin: false, at: now)
            .map { $0.nanoseconds(since: now) / 1_000_000 }
    }

    /// Passes an input on, and says what it led to.
    mutating func take(_ input: ConnectionInput) -> [String] {
        switch input {
        case .bytes(let text):
            unread += Array(text.utf8)
            return readOn()
        case .fin:
            let step = connection.receivedInputEnd(hasUnread: !unread.isEmpty, now: now)
            return steps(step) + readOn()
        case .opened(let isLast):
            return connection.answerBegan(isLast: isLast, hasUnread: !unread.isEmpty) ? ["says close"] : []
        case .answered: return answered()
        case .wrote(let count):
            connection.wrote(count)
            return []
        case .unwritable(let waiting):
            connection.becameUnwritable(waiting: waiting, at: now)
            return []
        case .takesBody(let takes):
            connection.setTakesBody(takes)
            return readOn()
        case .passed(let milliseconds, let isWritable, let waiting): return pass(milliseconds, isWritable, waiting)
        case .quiesce:
            let step = connection.quiesce()
            return steps(step)
        case .sent:
            connection.sentEverything(at: now)
            return []
        }
    }

    private mutating func answered() -> [String] {
        if let ending = connection.answerEnded(hasUnread: !unread.isEmpty) { return begin(ending) }
        return readOn()
    }

    private mutating func pass(_ milliseconds: UInt64, _ isWritable: Bool, _ waiting: Int) -> [String] {
        let due = connection.deadline(exchange: nil, isWritable: isWritable, awaitsAdmin: false, at: now)
        now = now.advanced(byNanoseconds: milliseconds * 1_000_000)
        guard let due, due <= now else { return [] }
        let step = connection.timePassed(at: now, isWritable: isWritable, awaitsAdmin: false, waiting: waiting)
        return steps(step)
    }

    private mutating func readOn() -> [String] {
        var led: [String] = []
        var position = 0
        while let step = next(&position) {
            led += describe(step)
            if case .fail = step { led += linger() }
        }
        unread.removeFirst(position)
        return led
    }

    private mutating func next(_ position: inout Int) -> ClientStep? {
        let bytes = unread
        return connection.next(in: bytes.span, at: &position, now: now)
    }

    private mutating func linger() -> [String] {
        let ending = connection.mustLinger()
        return begin(ending)
    }

    private mutating func steps(_ step: ClientStep?) -> [String] {
        guard let step else { return [] }
        return describe(step)
    }

    private mutating func describe(_ step: ClientStep) -> [String] {
        switch step {
        case .begin(let head): ["\(head.method) \(head.target)"]
        case .body(let range): ["body \(String(decoding: unread[range], as: UTF8.self))"]
        case .requestEnd: ["request end"]
        case .fail(let refusal): ["\(refusal.status)"]
        case .askPresence: ["ask"]
        case .timePassed: ["exchange time"]
        case .leave(let ending): begin(ending)
        }
    }

    private mutating func begin(_ ending: ConnectionEnding) -> [String] {
        connection.beganEnding(waiting: 0, at: now)
        return ["\(ending)"]
    }
}
