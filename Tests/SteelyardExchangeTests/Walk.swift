import SteelyardPolicy
import SteelyardWire

@testable import SteelyardExchange

/// Owns one exchange as the server's loop does, and writes down its effects, one per line; a test compares the
/// transcript. What is recorded is answered at once, as without a wait for the disk.
///
/// Time is a counter that the walk sets; the wall clock is at 2026-11-21 unless a walk says otherwise.
struct Walk: ~Copyable {
    static let wallSeconds: Int64 = 1_795_219_200

    var exchange: Exchange
    var lines: [String] = []
    var sent: [UInt8] = []
    /// The names of each event's effects.
    private(set) var events: [[String]] = []
    /// What becomes of an opening; nil leaves it unanswered.
    var journal: Bool? = true
    private(set) var summary: ExchangeSummary?
    /// What the provider is sent, as planned last.
    private(set) var plan: UpstreamPlan?
    /// The charge as it was opened.
    private(set) var opening: ChargeOpening?
    /// The head that the client got last.
    private(set) var clientHead: ClientHead?
    /// Steelyard's own last answer.
    private(set) var refusal: Refusal?
    /// The record that ended the charge.
    private(set) var records: [ChargeRecord] = []
    /// The records of its growing hold.
    private(set) var grownTo: [String] = []
    /// Whether the opening was recorded and the request has not been sent since.
    private var isOpening = false
    private var effects = ExchangeEffects()
    private var order = EffectOrder()
    private var milliseconds: UInt64 = 1000

    init(_ rules: Rules = World.rules(), wallSeconds: Int64 = Walk.wallSeconds, id: UInt64 = 7) {
        exchange = Exchange(
            rules: rules,
            id: ChargeID(high: 0, low: id),
            receivedAt: Tick(nanoseconds: 1_000_000_000),
            wallSeconds: wallSeconds
        )
    }

    var now: Tick { Tick(nanoseconds: milliseconds * 1_000_000) }

    /// The transcript as text.
    var transcript: String { lines.joined(separator: "\n") }

    mutating func wait(milliseconds: UInt64) { self.milliseconds += milliseconds }
}

/// From the client.
extension Walk {
    mutating func head(_ method: String, _ target: String, _ fields: [(String, String)] = [], length: Int? = nil) {
        var headers = World.fields([("host", "gateway")] + fields)
        if let length { headers.append(name: "content-length", value: String(length)) }
        do throws(RequestDefect) {
            let facts = try RequestHeadCheck.facts(
                method: method,
                target: target,
                majorVersion: 1,
                minorVersion: 1,
                fields: headers
            )
            let keys = headers.presentedKeys.map { Credential(presented: $0.span, sha256: World.digest) }
            let head = RequestHead(method: method, target: target, fields: headers, facts: facts)
            exchange.receivedHead(head, credentials: keys, at: now, into: &effects)
            let isPeeking = if case .peeking = exchange.phase { true } else { false }
            perform(or: isPeeking ? "peek" : nil)
        } catch {
            lines.append("defect \(error.rawValue)")
        }
    }

    /// Head and body of a JSON request to a metered route.
    mutating func post(_ target: String, _ body: String, _ fields: [(String, String)] = []) {
        head("POST", target, [("content-type", "application/json")] + fields, length: body.utf8.count)
        self.body(body)
    }

    mutating func body(_ text: String, copy: BodyCopy = .whole, sentBytes: Int? = nil) {
        guard !exchange.isOver else { return }
        wait(milliseconds: 1)
        exchange.receivedBody(text.utf8Span.span, copy: copy, sentBytes: sentBytes, at: now, into: &effects)
        perform()
    }

    /// Head and body of a form, which comes in these pieces; without `length`, in chunks.
    mutating func upload(
        _ target: String,
        _ pieces: [String],
        _ fields: [(String, String)] = [],
        isChunked: Bool = false,
        ends: Bool = true
    ) {
        let length = pieces.reduce(0) { $0 + $1.utf8.count }
        let framing = isChunked ? [("transfer-encoding", "chunked")] : []
        head("POST", target, Fixture.formType + framing + fields, length: isChunked ? nil : length)
        for text in pieces { uploadPiece(text) }
        if ends { uploadEnds() }
    }

    /// A piece of a body that streams through, or is kept back before it does.
    mutating func uploadPiece(_ text: String) {
        guard !exchange.isOver else { return }
        wait(milliseconds: 1)
        exchange.receivedPiece(ofBody: text.utf8Span.span, at: now, into: &effects)
        perform()
    }

    /// The end of such a body.
    mutating func uploadEnds() {
        guard !exchange.isOver else { return }
        wait(milliseconds: 1)
        exchange.receivedBodyEnd(at: now, into: &effects)
        perform()
    }

    mutating func clientLeaves() {
        exchange.clientLeft(at: now, into: &effects)
        perform()
    }

    /// The client's request broke HTTP, or came too slowly.
    mutating func requestFails(_ refusal: Refusal) {
        exchange.requestFailed(refusal, at: now, into: &effects)
        perform()
    }

    /// There is no room for the request's body.
    mutating func hasNoRoom() {
        exchange.refusedToGather(.gatherBudgetFull, at: now, into: &effects)
        perform()
    }
}

/// From the provider. After `stop` it is not heard any more.
extension Walk {
    mutating func departs() {
        wait(milliseconds: 1)
        exchange.departed(at: now, startedAt: now)
    }

    /// An empty type is none.
    mutating func answers(
        _ status: Int,
        _ type: String = "application/json",
        _ fields: [(String, String)] = [],
        framing: AnswerHead.Framing = .chunked
    ) {
        let fields = World.fields((type.isEmpty ? [] : [("content-type", type)]) + fields)
        answers(AnswerHead(status: status, reason: [], fields: fields, framing: framing))
    }

    mutating func answers(_ head: AnswerHead) {
        guard !exchange.isOver else { return }
        wait(milliseconds: 100)
        exchange.receivedAnswerHead(head, firstByteAt: now, at: now, into: &effects)
        perform(or: "kept back")
    }

    mutating func piece(_ text: String, decoded: [UInt8]? = nil) {
        guard !exchange.isOver else { return }
        wait(milliseconds: 10)
        let raw = Array(text.utf8)
        if let decoded {
            exchange.receivedAnswerPiece(raw.span, decoded: decoded.span, at: now, into: &effects)
        } else {
            exchange.receivedAnswerPiece(raw.span, decoded: nil, at: now, into: &effects)
        }
        perform(or: "nothing", piece: raw)
    }

    mutating func failsToDecode() {
        exchange.failedToDecode(at: now, into: &effects)
        perform()
    }

    mutating func ends(_ failure: TransferFailure? = nil, reached: Bool = true) {
        guard !exchange.isOver else { return }
        wait(milliseconds: 1)
        let end = TransferEnd(failure: failure, reachedProvider: reached, detail: "detail")
        exchange.transferEnded(end, at: now, into: &effects)
        order.transferEnds()
        perform()
    }

    mutating func timePasses(seconds: UInt64) {
        wait(milliseconds: seconds * 1000)
        exchange.timePassed(at: now, into: &effects)
        perform(or: "wait")
    }

    /// The journal has tried to record the opening.
    mutating func records(_ isRecorded: Bool) {
        exchange.recorded(isRecorded, at: now, into: &effects)
        perform()
    }

    /// Nothing more comes from anywhere.
    mutating func conclude() {
        clientLeaves()
        ends(.cancelled, reached: false)
    }
}

/// Doing what the exchange says.
extension Walk {
    /// Carries out the effects of an event that a test has made itself.
    mutating func perform(_ effects: ExchangeEffects) {
        self.effects = effects
        perform()
    }

    /// Carries out the effects of one event; `nothing` is the line for none.
    private mutating func perform(or nothing: String? = nil, piece: [UInt8] = []) {
        order.check(effects)
        events.append(effects.steps.map(\.name))
        let effects = effects
        self.effects.removeAll()
        if let nothing, effects.steps.isEmpty { line(nothing) }
        for step in effects.steps { perform(step, effects.output, piece) }
    }

    private mutating func perform(_ step: ExchangeEffect, _ output: [UInt8], _ piece: [UInt8]) {
        switch step {
        case .gather: line("gather")
        case .keepPiece: line("keep")
        case .record(let record, _): note(record)
        case .start(let plan): note(plan)
        case .relayPiece: line("pass")
        case .relayEnd: line("pass end")
        case .open(let head):
            clientHead = head
            line("relay \(head.status)")
        case .send: pass(piece)
        case .sendOutput: pass(output)
        case .finish: line("finish")
        case .breakOff: line("break off")
        case .refuse(let refusal): note(refusal)
        case .stop: line("stop")
        case .drain: line("drain")
        case .conclude(let summary): self.summary = summary
        }
    }

    private mutating func note(_ plan: UpstreamPlan) {
        self.plan = plan
        let edit = plan.edit.map { " edit +\(String(decoding: $0.replacement, as: UTF8.self))" } ?? ""
        line("\(plan.method) \(plan.target)\(edit)\(isOpening ? " opened" : "")")
        isOpening = false
    }

    private mutating func note(_ refusal: Refusal) {
        self.refusal = refusal
        line("refuse \(refusal.status) \(refusal.code)")
    }

    private mutating func pass(_ bytes: [UInt8]) {
        sent += bytes
        line("send \(bytes.count)")
    }

    private mutating func note(_ record: ChargeRecord) {
        switch record {
        case .opened(let opening):
            self.opening = opening
            isOpening = true
            if let journal { records(journal) } else { line("opened") }
        case .grown(let opening):
            grownTo.append(opening.hold.usdText)
            line("grown to \(opening.hold.usdText)")
        case .deferred: line("deferred")
        case .settled(let settlement):
            line("settled \(settlement.confidence.rawValue) \(settlement.cost.usdText) \(settlement.model)")
        case .released: line("released")
        }
        if record.closesOrDefers { records.append(record) }
    }

    private mutating func line(_ text: String) { lines.append(text) }
}

extension ChargeRecord {
    fileprivate var closesOrDefers: Bool {
        switch self {
        case .opened, .grown: false
        case .deferred, .settled, .released: true
        }
    }
}

/// A configuration of one provider, and parts of HTTP.
enum World {
    static func rules(
        _ provider: ProviderSettings = provider(),
        book: PriceBook? = nil,
        jobs: OpenJobs = OpenJobs(),
        estimates: TokenEstimates = TokenEstimates(),
        unedited: UneditedModels = UneditedModels(),
        bodyLimit: Int = 1 << 20,
        teams: [Team] = [],
        defaultTeam: String? = "unassigned",
        quantiles: UsageQuantiles = UsageQuantiles(),
        refusesUnpriced: Bool = false,
        recording: Recording = Recording(),
        unrecorded: UnrecordedRequests = .refuseBudgeted
    ) -> Rules {
        Rules(
            providers: ProviderMounts([provider]),
            prices: book ?? builtIn,
            identities: IdentityTable(teams: teams, defaultTeam: defaultTeam),
            refusesUnpriced: refusesUnpriced,
            unrecorded: unrecorded,
            bodyLimitBytes: bodyLimit,
            estimates: estimates,
            unedited: unedited,
            jobs: jobs,
            quantiles: quantiles,
            admission: admission(AdmissionRules(teams: teams, defaultTeam: defaultTeam)),
            recording: recording
        )
    }

    /// Budgets with one window, which ends an hour after most walks.
    static func admission(_ rules: AdmissionRules) -> Admission {
        let bounds = WindowBounds(startSeconds: 0, endSeconds: Walk.wallSeconds + 3600)
        let admission = Admission { _, _, _, _ in bounds }
        admission.install(rules, wallSeconds: 0, recordedUntil: .min) { (queries, _) in queries.map { _ in MoneySum() }
        }
        return admission
    }

    static func provider(
        host: String = "api.openai.com",
        injectsUsage: Bool = true,
        stream: AbandonedTransfer = .cancel,
        plain: AbandonedTransfer = .drain,
        apiKey: ProviderKey? = nil
    ) -> ProviderSettings {
        ProviderSettings(
            name: "openai",
            origin: ProviderOrigin(isSecure: true, host: host, port: 443, pathPrefix: "/v1"),
            injectsUsage: injectsUsage,
            abandonedStream: stream,
            abandonedPlain: plain,
            timeouts: ProviderTimeouts(connectSeconds: 5, firstByteSeconds: 60, betweenBytesSeconds: 30),
            apiKey: apiKey
        )
    }

    /// Requests under way, charges that wait for a later answer, and leaks.
    static func counts(_ rules: Rules) -> [Int] {
        let counts = rules.admission.counts
        return [counts.inFlight, counts.deferred, counts.leaks]
    }

    /// A team with a budget of that many thousandths of a dollar; nil means no budget.
    static func team(
        _ name: String = "search",
        keys: [String] = [],
        limitMillidollars: Int128? = nil,
        _ change: (inout Team) -> Void = { _ in }
    ) -> Team {
        var team = Team(name: name)
        team.keys = keys.map { TeamKey(id: $0, digest: digest(Array(key($0).utf8).span)) }
        if let limit = limitMillidollars {
            team.budgets = [BudgetRule(limit: MoneySum(limit * 1_000_000_000), period: .month)]
        }
        change(&team)
        return team
    }

    /// The Steelyard key of an id.
    static func key(_ id: String) -> String {
        let secret = [UInt8](repeating: UInt8(ascii: "k"), count: SteelyardKey.secretCount)
        let key = KeyID(id).flatMap { SteelyardKey.assembled(id: $0, secret: secret) }
        return String(decoding: key ?? [], as: UTF8.self)
    }

    /// Stands in for SHA-256, of which a test needs only that other keys have other digests (FNV-1a, RFC draft
    /// `draft-eastlake-fnv`).
    static func digest(_ key: Span<UInt8>) -> KeyDigest {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in key.indices { hash = (hash ^ UInt64(key[index])) &* 0x100_0000_01B3 }
        return KeyDigest(bigEndianWords: [hash, ~hash, hash &* 3, UInt64(key.count)])
    }

    static func fields(_ pairs: [(String, String)]) -> HeaderFields {
        var fields = HeaderFields()
        for (name, value) in pairs { fields.append(name: name, value: value) }
        return fields
    }

    private static let builtIn: PriceBook = {
        do { return try PriceBook.builtIn() } catch { preconditionFailure("the built-in book is sound: \(error)") }
    }()
}
