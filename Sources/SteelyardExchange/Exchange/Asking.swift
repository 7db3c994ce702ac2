public import SteelyardPolicy
public import SteelyardWire

/// From the client's request to what the provider is sent.
extension Exchange {
    /// The request's head has passed our own checks.
    ///
    /// - Parameter credentials: the keys it presents.
    public mutating func receivedHead(
        _ head: RequestHead,
        credentials: [Credential] = [],
        at now: Tick,
        into effects: inout ExchangeEffects
    ) {
        guard case .received = phase else { return misplaced("a second head", at: now, into: &effects) }
        do throws(Objection) {
            try request.received(head, credentials)
            try beginBody(at: now, into: &effects)
        } catch {
            refuse(error, at: now, into: &effects)
        }
    }

    private mutating func beginBody(at now: Tick, into effects: inout ExchangeEffects) throws(Objection) {
        if request.inbound?.gathersBody == true {
            try request.gather()
            phase = .gathering
            effects.add(.gather)
        } else if request.inbound?.peeksBody == true {
            request.readForm()
            phase = .peeking
        } else {
            try open(at: now, into: &effects)
        }
    }

    /// Reads one more slice of a gathered body, or of its decoded copy, from where the last call stopped. `body` is all
    /// of it that has come so far. False when there is nothing left to read yet.
    public mutating func readOn(in body: Span<UInt8>) -> Bool { request.readOn(in: body) }

    /// The edit that would be made to a body that has been read to its end. Making it in a coded body takes the owner
    /// time.
    public var expectedEdit: ByteEdit? { request.edit(for: request.gatheredFacts) }

    /// The whole body of a gathered request.
    ///
    /// - Parameters:
    ///   - body: the body, or the copy of it that was decoded.
    ///   - copy: what became of that copy.
    ///   - sentBytes: how large the body was as it came; nil for one that is not coded.
    public mutating func receivedBody(
        _ body: Span<UInt8>,
        copy: BodyCopy = .whole,
        sentBytes: Int? = nil,
        at now: Tick,
        into effects: inout ExchangeEffects
    ) {
        guard !isOver else { return }
        guard case .gathering = phase else { return misplaced("a whole body", at: now, into: &effects) }
        do throws(Objection) {
            try request.received(body, copy, sentBytes: sentBytes)
            try open(at: now, into: &effects)
        } catch {
            refuse(error, at: now, into: &effects)
        }
    }

    /// There is no room for the body, or it is too large.
    public mutating func refusedToGather(_ refusal: Refusal, at now: Tick, into effects: inout ExchangeEffects) {
        guard !isOver else { return }
        refuse(Objection(refusal), at: now, into: &effects)
    }

    /// Admits the request, and has its opening recorded. One that cannot cost money is sent at once.
    private mutating func open(at now: Tick, into effects: inout ExchangeEffects) throws(Objection) {
        try charge.admit(request, at: now)
        passage.admitted(at: now)
        guard let opening = charge.opening else { return start(at: now, into: &effects) }
        phase = .opening
        effects.add(.record(.opened(opening), nil))
    }

    /// What became of the opening: it is on record, or it could not be written. In the second case, only a request that
    /// may go unrecorded is sent.
    ///
    /// A client may leave in the meantime; then the charge is closed already, and this changes nothing.
    public mutating func recorded(_ isRecorded: Bool, at now: Tick, into effects: inout ExchangeEffects) {
        guard !isOver else { return }
        guard case .opening = phase else { return misplaced("a recorded opening", at: now, into: &effects) }
        guard isRecorded || !request.mustBeRecorded else {
            return refuse(Objection(.unrecorded, of: request), at: now, into: &effects)
        }
        start(at: now, into: &effects)
    }

    /// Sends the request, and the end of its body too if that has come already.
    private mutating func start(at now: Tick, into effects: inout ExchangeEffects) {
        let edit = request.edit(for: request.facts)
        start(editedBy: edit, into: &effects)
        passage.started(isArmed: edit != nil, at: now)
        if request.inbound?.streamsBody == true, request.isWhole { effects.add(.relayEnd) }
    }

    /// Repeats the request with the original bytes instead of the edited ones. It happens only once, because a repeated
    /// request is not armed. Its opening is on record since the first attempt.
    mutating func startUnedited(at now: Tick, into effects: inout ExchangeEffects) {
        start(editedBy: nil, into: &effects)
        passage.startedUnedited(at: now)
    }

    private mutating func start(editedBy edit: ByteEdit?, into effects: inout ExchangeEffects) {
        guard let plan = request.plan(editedBy: edit) else { return }
        phase = .asked
        effects.add(.start(plan))
    }
}

/// A body that is not gathered: it is kept back until it is known what it asks for, and then streams through.
extension Exchange {
    /// A piece of it.
    ///
    /// If the owner has no room for a piece that is to be kept back, it skips the other effects and calls
    /// ``refusedToGather(_:at:into:)``.
    public mutating func receivedPiece(ofBody piece: Span<UInt8>, at now: Tick, into effects: inout ExchangeEffects) {
        guard takesPieces(at: now, into: &effects) else { return }
        request.received(piece)
        switch phase {
        case .peeking:
            effects.add(.keepPiece)
            decideForm(at: now, into: &effects)
        case .opening:
            // It waits behind what is kept back.
            effects.add(.keepPiece)
            passage.uploaded(at: now)
            _ = coversForm(at: now, into: &effects)
        case .received, .gathering, .asked, .keepingBack, .answering, .over:
            passage.uploaded(at: now)
            if coversForm(at: now, into: &effects) { effects.add(.relayPiece) }
        }
    }

    /// Its end.
    public mutating func receivedBodyEnd(at now: Tick, into effects: inout ExchangeEffects) {
        guard takesPieces(at: now, into: &effects) else { return }
        request.receivedFormEnd()
        if case .peeking = phase {
            request.receivedEnd()
            return decideForm(at: now, into: &effects)
        }
        guard coversForm(at: now, into: &effects) else { return }
        request.receivedEnd()
        if awaitsProvider { effects.add(.relayEnd) }
    }

    /// Whether the body may have more to come. A client may go on sending after the exchange is over.
    private mutating func takesPieces(at now: Tick, into effects: inout ExchangeEffects) -> Bool {
        guard !isOver else { return false }
        if request.inbound?.streamsBody == true, !request.isWhole { return true }
        misplaced("a body", at: now, into: &effects)
        return false
    }

    /// Admits the form once enough of it is known.
    private mutating func decideForm(at now: Tick, into effects: inout ExchangeEffects) {
        do throws(Objection) {
            if try request.knowsForm() { try open(at: now, into: &effects) }
        } catch {
            refuse(error, at: now, into: &effects)
        }
    }

    /// Takes in what a form says late, and reserves for it; false when the request is refused. Once the answer has
    /// begun, nothing more is taken in: the answer is to the form as it was by then.
    private mutating func coversForm(at now: Tick, into effects: inout ExchangeEffects) -> Bool {
        if case .answering = phase { return true }
        do throws(Objection) {
            guard try request.tookLateFacts() else { return true }
            if let record = try charge.coverLateFacts(of: request, at: now) { effects.add(.record(record, nil)) }
            return true
        } catch {
            refuse(error, at: now, into: &effects)
            return false
        }
    }
}
