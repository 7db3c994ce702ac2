import SteelyardPolicy
import SteelyardWire

@testable import SteelyardExchange

/// Drives one exchange and writes down what it decides, one line per input: a test compares the transcript.
///
/// Time is a counter that the walk moves; the wall clock stands at 2026-11-21 unless a walk says otherwise.
struct Walk: ~Copyable {
    static let wallSeconds: Int64 = 1_795_219_200

    var exchange: Exchange
    var lines: [String] = []
    var sent: [UInt8] = []
    private(set) var summary: ExchangeSummary?
    private var milliseconds: UInt64 = 1000

    init(_ rules: Rules = World.rules(), wallSeconds: Int64 = Walk.wallSeconds, id: UInt64 = 7) {
        exchange = Exchange(
            rules: rules,
            id: ExchangeID(high: 0, low: id),
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
            note(exchange.receivedHead(RequestHead(method: method, target: target, fields: headers, facts: facts)))
        } catch {
            lines.append("defect \(error.rawValue)")
        }
    }

    /// Head and body of a JSON request to a metered route.
    mutating func post(_ target: String, _ body: String, _ fields: [(String, String)] = []) {
        head("POST", target, [("content-type", "application/json")] + fields, length: body.utf8.count)
        self.body(body)
    }

    mutating func body(_ text: String) {
        wait(milliseconds: 1)
        note(exchange.receivedBody(text.utf8Span.span, at: now), of: text)
    }

    mutating func clientLeaves() {
        switch exchange.clientLeft(at: now) {
        case .cancel: line("left: cancel")
        case .drain: line("left: drain")
        case .conclude:
            line("left: conclude")
            conclude()
        }
    }

    private mutating func note(_ decision: HeadDecision) {
        switch decision {
        case .refuse(let refusal): note(refusal)
        case .gather(let expected): line("gather \(expected)")
        case .relay(let plan): note(plan, "")
        }
    }

    private mutating func note(_ decision: BodyDecision, of text: String) {
        switch decision {
        case .refuse(let refusal): note(refusal)
        case .forward(let plan): note(plan, text)
        }
    }

    private mutating func note(_ refusal: Refusal) { line("refuse \(refusal.status) \(refusal.code)") }

    private mutating func note(_ plan: UpstreamPlan, _ text: String) {
        let edit = plan.edit.map { " edit +\(String(decoding: $0.replacement, as: UTF8.self))" } ?? ""
        line("\(plan.method) \(plan.target)\(edit)\(plan.opening == nil ? "" : " opened")")
    }
}

/// From the provider.
extension Walk {
    mutating func departs() {
        wait(milliseconds: 1)
        exchange.departed(at: now, startedAt: now)
    }

    mutating func answers(_ status: Int, _ type: String = "application/json", _ fields: [(String, String)] = []) {
        wait(milliseconds: 100)
        let head = ResponseHead(
            status: status,
            reason: [],
            fields: World.fields([("content-type", type)] + fields),
            framing: .chunked
        )
        let decision = exchange.answered(head, firstByteAt: now, at: now)
        record()
        switch decision {
        case .relay(let head): line("relay \(head.status)")
        case .withhold: line("withhold")
        case .refuse(let refusal): line("refuse \(refusal.status) \(refusal.code)")
        }
    }

    mutating func piece(_ text: String, decoded: [UInt8]? = nil) {
        wait(milliseconds: 10)
        var output: [UInt8] = []
        let raw = Array(text.utf8)
        let decision: PieceDecision
        if let decoded {
            decision = exchange.receivedPiece(raw.span, decoded: decoded.span, at: now, into: &output)
        } else {
            decision = exchange.receivedPiece(raw.span, decoded: nil, at: now, into: &output)
        }
        note(decision, raw, output)
    }

    private mutating func note(_ decision: PieceDecision, _ raw: [UInt8], _ output: [UInt8]) {
        record()
        switch decision {
        case .unchanged: pass(raw)
        case .replaced: pass(output)
        case .withhold: line("held")
        case .release(let head):
            line("relay \(head.status)")
            pass(output)
        case .cutOff: line("cut off")
        }
    }

    private mutating func pass(_ bytes: [UInt8]) {
        sent += bytes
        line("send \(bytes.count)")
    }

    mutating func ends(_ failure: ProviderEnd.Failure? = nil, reached: Bool = true) {
        wait(milliseconds: 1)
        var output: [UInt8] = []
        let end = ProviderEnd(failure: failure, reachedProvider: reached, detail: "detail")
        let decision = exchange.transferEnded(end, at: now, into: &output)
        if case .repeatUnedited(let plan) = decision { return note(plan, "") }
        conclude()
        note(decision, output)
    }

    private mutating func note(_ decision: EndDecision, _ output: [UInt8]) {
        sent += output
        switch decision {
        case .finish: line("finish")
        case .releaseAndFinish(let head): line("relay \(head.status), send \(output.count), finish")
        case .breakOff: line("break off")
        case .refuse(let refusal): note(refusal)
        case .repeatUnedited: break
        }
    }

    mutating func timePasses(seconds: UInt64) {
        wait(milliseconds: seconds * 1000)
        switch exchange.timePassed(at: now) {
        case .wait: line("wait")
        case .cancel: line("time: cancel")
        }
    }

    mutating func conclude() {
        summary = exchange.conclude(at: now)
        record()
    }

    private mutating func record() {
        switch exchange.takeRecord() {
        case nil: break
        case .opened: line("record opened")
        case .deferred: line("deferred")
        case .settled(let settlement):
            line("settled \(settlement.confidence.rawValue) \(settlement.cost.usdText) \(settlement.model)")
        case .released: line("released")
        }
    }

    private mutating func line(_ text: String) { lines.append(text) }
}

/// A configuration of one provider, and parts of HTTP.
enum World {
    static func rules(
        _ provider: Provider = provider(),
        book: PriceBook? = nil,
        jobs: OpenJobs = OpenJobs(),
        ratios: TokenRatios = TokenRatios(),
        refusals: InjectionRefusals = InjectionRefusals(),
        bodyLimit: Int = 1 << 20,
        teams: [Team] = [],
        defaultTeam: String? = "unassigned",
        quantiles: UsageQuantiles = UsageQuantiles(),
        recording: Recording = Recording(),
        unrecorded: UnrecordedRequests = .refuseBudgeted
    ) -> Rules {
        Rules(
            providers: ProviderMounts([provider]),
            prices: book ?? builtIn,
            identities: IdentityTable(teams: teams, defaultTeam: defaultTeam),
            unrecorded: unrecorded,
            bodyLimitBytes: bodyLimit,
            ratios: ratios,
            refusals: refusals,
            jobs: jobs,
            quantiles: quantiles,
            admission: admission(AdmissionRules(teams: teams, defaultTeam: defaultTeam)),
            recording: recording
        )
    }

    /// Budgets with one window that never ends.
    static func admission(_ rules: AdmissionRules) -> Admission {
        let admission = Admission { _, _, _, _ in WindowBounds(startSeconds: 0, endSeconds: 1 << 40) }
        admission.install(rules, wallSeconds: 0) { _ in MoneySum() }
        return admission
    }

    static func provider(
        host: String = "api.openai.com",
        injectsUsage: Bool = true,
        stream: AbandonedTransfer = .cancel,
        plain: AbandonedTransfer = .drain
    ) -> Provider {
        Provider(
            name: "openai",
            origin: ProviderOrigin(isSecure: true, host: host, port: 443, pathPrefix: "/v1"),
            injectsUsage: injectsUsage,
            abandonedStream: stream,
            abandonedPlain: plain,
            timeouts: ProviderTimeouts(connectSeconds: 5, firstByteSeconds: 60, betweenBytesSeconds: 30)
        )
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
