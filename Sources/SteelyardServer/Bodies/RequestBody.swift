import NIOCore
import SteelyardCoding
import SteelyardExchange
import SteelyardPolicy
import SteelyardWire

/// The body of one request between its client and its provider: gathered, kept back, or passing through.
struct RequestBody {
    /// What has been read of a gathered body.
    enum Progress {
        /// More of the body must come.
        case awaitsMore
        /// Reading goes on in a later turn.
        case later
        /// All of it has come and was read.
        case whole(BodyCopy)
        /// There is no room.
        case full
    }

    /// How a body that is not gathered is sent: with the client's framing.
    fileprivate enum Relay {
        case none
        /// `content-length: 0`.
        case empty
        case counted(Int64)
        case chunked
    }

    private let budget: GatherBudget
    private var bytes = GatheredBytes()
    /// The decoded copy and the edited form of a gathered body with a content coding; nil for other bodies.
    private var coded: CodedBody?
    private var relay = Relay.none
    private var coding = ContentCoding.identity
    /// Whether nothing of it is sent: a body of HEAD has no meaning (RFC 9110 §9.3.2). Without framing, its bytes would be
    /// the provider's next request.
    private(set) var isLeftOut = false
    /// Whether the request has one.
    private(set) var exists = false
    /// Whether it is collected before it is sent.
    private(set) var isGathered = false
    /// Whether all of it has come.
    var isWhole = false
    /// Whether reading goes on in a later turn.
    var isReadLater = false
    /// Whether the request was sent before.
    var hasBegun = false
    /// Whether the sent bytes may be needed again: a request with the edit can be repeated without it.
    private var isNeededAgain = false
    /// Whether the kernel has not taken all of what was collected and sent.
    private var isUnderWay = false

    init(within budget: GatherBudget) { self.budget = budget }

    /// The request's head has come.
    mutating func begin(_ head: RequestHead) {
        coding = head.fields.contentCoding
        isLeftOut = head.method == "HEAD"
        exists = head.hasBody
        relay = isLeftOut ? .none : Relay(head)
    }

    /// It is collected before it is sent.
    mutating func gather() {
        isGathered = true
        coded = CodedBody(coding)
    }

    /// How many bytes have come.
    var byteCount: Int { bytes.count }

    /// The bytes to read: the body, or its decoded copy.
    var readable: ByteBuffer { coded?.readable ?? bytes.bytes }

    /// Adds a piece; false if there is no room for it.
    mutating func append(_ piece: ByteBuffer) -> Bool { bytes.append(piece, within: budget) }

    /// Adds the piece that came while the connection was being opened; reading stops with it.
    mutating func keep(_ piece: ByteBuffer) { bytes.keep(piece) }

    /// Reads one slice of what has come.
    ///
    /// - Parameters:
    ///   - read: Reads on in the bytes; returns whether there is more to read.
    ///   - edit: The edit that will be made to a body that has been read.
    mutating func readOn(limitBytes: Int, read: (Span<UInt8>) -> Bool, edit: () -> ByteEdit?) -> Progress {
        guard coded != nil else {
            if read(bytes.bytes.readableBytesUInt8Span) { return .later }
            return isWhole ? .whole(.whole) : .awaitsMore
        }
        guard isWhole else { return .awaitsMore }
        return readCoded(limitBytes: limitBytes, read, edit)
    }

    private mutating func readCoded(
        limitBytes: Int,
        _ read: (Span<UInt8>) -> Bool,
        _ edit: () -> ByteEdit?
    ) -> Progress {
        switch coded?.copy {
        case nil: return decodeSlice(limitBytes: limitBytes, read, edit)
        case .whole: return readCopy(read, edit)
        case let copy?: return .whole(copy)
        }
    }

    private mutating func decodeSlice(
        limitBytes: Int,
        _ read: (Span<UInt8>) -> Bool,
        _ edit: () -> ByteEdit?
    ) -> Progress {
        guard coded?.decode(bytes.bytes, limitBytes: limitBytes, within: budget) == true, let coded else {
            return .full
        }
        // A small body is finished within one turn.
        if coded.copy != nil, coded.readable.readableBytes <= BodyDecoder.sliceBytes {
            return readCoded(limitBytes: limitBytes, read, edit)
        }
        _ = read(coded.readable.readableBytesUInt8Span)
        return .later
    }

    private mutating func readCopy(_ read: (Span<UInt8>) -> Bool, _ edit: () -> ByteEdit?) -> Progress {
        if read(readable.readableBytesUInt8Span) { return .later }
        guard let edit = edit() else { return .whole(.whole) }
        switch coded?.encode(edit) {
        case true?: return .later
        case false?: return .whole(.whole)
        case nil: return .full
        }
    }
}

/// Sending.
extension RequestBody {
    /// Sends the request with what has come of its body.
    mutating func send(_ plan: UpstreamPlan, on connection: ProviderConnection, for driver: ExchangeDriver) {
        isNeededAgain = plan.edit != nil
        if isGathered {
            sendGathered(plan, on: connection, for: driver)
        } else {
            sendRelayed(plan, on: connection, for: driver)
        }
    }

    private mutating func sendGathered(
        _ plan: UpstreamPlan,
        on connection: ProviderConnection,
        for driver: ExchangeDriver
    ) {
        let sent = edited(by: plan.edit)
        coded?.letGo(within: budget)
        connection.send(plan, framing: .length(Int64(sent.readableBytes)), body: sent, for: driver)
    }

    /// What was collected is given back when the kernel has it.
    mutating func wasSent(on connection: ProviderConnection, for driver: ExchangeDriver) {
        isUnderWay = !connection.hasSentEverything
        if isUnderWay { connection.whenSent { driver.bodyLeft() } } else { left() }
    }

    private func edited(by edit: ByteEdit?) -> ByteBuffer {
        guard let edit else { return bytes.bytes }
        return coded.map { $0.edited ?? bytes.bytes } ?? bytes.bytes.edited(by: edit)
    }

    private func sendRelayed(
        _ plan: UpstreamPlan,
        on connection: ProviderConnection,
        for driver: ExchangeDriver
    ) {
        switch relay {
        case .none: connection.send(plan, framing: .none, body: nil, for: driver)
        case .empty: connection.send(plan, framing: .length(0), body: nil, for: driver)
        case .counted(let length): connection.sendHead(plan, framing: .length(length), for: driver)
        case .chunked: connection.sendHead(plan, framing: .chunked, for: driver)
        }
        sendKept(on: connection)
    }

    private func sendKept(on connection: ProviderConnection) {
        guard !isLeftOut else { return }
        connection.send(bytes.bytes)
        if isWhole { connection.sendEnd() }
    }

    /// The kernel has what was collected.
    mutating func left() {
        isUnderWay = false
        if !isNeededAgain { letGo() }
    }

    /// The request is not sent again. What is still under way is in memory all the same.
    mutating func isNotNeededAgain() {
        isNeededAgain = false
        if !isUnderWay { letGo() }
    }

    /// Nothing of it is needed any more.
    mutating func letGo() {
        bytes.letGo(within: budget)
        coded?.letGo(within: budget)
    }
}

extension RequestBody.Relay {
    /// A POST without a body sends `content-length: 0` (RFC 9110 §8.6); a GET sends no such field.
    init(_ head: RequestHead) {
        if head.hasBody {
            self = head.facts.contentLength.map { .counted($0) } ?? .chunked
        } else {
            let announces =
                head.facts.contentLength == 0 || head.method == "POST" || head.method == "PUT"
                || head.method == "PATCH"
            self = announces ? .empty : .none
        }
    }
}
