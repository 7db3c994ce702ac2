import Logging
import SteelyardConfiguration
import SteelyardMetrics
import SteelyardPolicy
import SteelyardServer
import SteelyardWire
import Synchronization
import Testing

@testable import SteelyardGateway
@testable import SteelyardServer

@Suite("The admin surface")
struct AdminRoutesTests {
    private static func answer(
        _ request: AdminRequest,
        token: String? = nil,
        readiness: Readiness = Readiness(Recording()) { false },
        report: ReloadReport = ReloadReport(isDone: true, problems: [])
    ) async -> AdminAnswer? {
        let learned = LearnedFacts()
        let routes = AdminRoutes(
            token: token.map { Array($0.utf8) },
            registry: MetricRegistry(maximumSeries: 100),
            readiness: readiness,
            reports: AdminReports(
                admission: learned.admission,
                records: ChargeRecords(nil, recording: learned.recording, logger: Logger(label: "test")),
                recent: RecentExchanges()
            ),
            reload: { report }
        )
        return await withCheckedContinuation { continuation in
            if !routes.surface()(request, { continuation.resume(returning: $0) }) {
                continuation.resume(returning: nil)
            }
        }
    }

    private static func request(
        _ method: String,
        _ path: String,
        accept: String? = nil,
        authorization: String? = nil
    ) -> AdminRequest {
        var fields = HeaderFields()
        if let accept { fields.append(name: "accept", value: accept) }
        if let authorization { fields.append(name: "authorization", value: authorization) }
        return AdminRequest(method: method, path: path, query: "", fields: fields)
    }

    /// Method, path, status without a configured token, and with a token that the request lacks; nil: not an admin
    /// path.
    static let rows: [(String, String, Int?, Int?)] = [
        ("GET", "/healthz", 200, 200), ("HEAD", "/healthz", 200, 200), ("POST", "/healthz", 405, 405),
        ("GET", "/readyz", 503, 503), ("PUT", "/readyz", 405, 405),
        ("GET", "/metrics", 200, 401), ("HEAD", "/metrics", 200, 401), ("POST", "/metrics", 405, 405),
        ("POST", "/admin/v1/reload", 200, 401), ("GET", "/admin/v1/reload", 405, 405),
        ("GET", "/admin", 404, 401), ("GET", "/admin/v1/keys", 404, 401), ("DELETE", "/console/x", 405, 401),
        ("GET", "/administration", nil, nil), ("GET", "/consoles", nil, nil), ("GET", "/metrics/", nil, nil),
        ("GET", "/healthz2", nil, nil), ("POST", "/v1/chat/completions", nil, nil), ("GET", "/", nil, nil),
    ]

    @Test("answers its paths and leaves all others alone", arguments: rows)
    func paths(method: String, path: String, open: Int?, guarded: Int?) async {
        let request = Self.request(method, path)
        #expect(await Self.answer(request)?.status == open)
        #expect(await Self.answer(request, token: "secret")?.status == guarded)
    }

    @Test(
        "takes its token and no other",
        arguments: [
            ("Bearer secret", 200), ("bearer secret", 200), ("BEARER secret", 200), ("Bearer secre", 401),
            ("Bearer secrets", 401), ("Bearer  secret", 401), ("Bearer ", 401), ("Basic secret", 401), ("secret", 401),
            ("", 401),
        ]
    )
    func token(authorization: String, status: Int) async {
        let request = Self.request("GET", "/metrics", authorization: authorization)
        #expect(await Self.answer(request, token: "secret")?.status == status)
    }

    @Test("says what it takes: the scheme with a 401, the methods with a 405")
    func fields() async throws {
        let unauthorized = try #require(await Self.answer(Self.request("GET", "/metrics"), token: "secret"))
        #expect(unauthorized.fields.map { "\($0.name): \($0.value)" } == ["www-authenticate: Bearer"])
        let notAllowed = try #require(await Self.answer(Self.request("GET", "/admin/v1/reload")))
        #expect(notAllowed.fields.map { "\($0.name): \($0.value)" } == ["allow: POST"])
    }

    @Test("negotiates the format of metrics")
    func formats() async {
        let text = await Self.answer(Self.request("GET", "/metrics"))
        #expect(text?.contentType == "text/plain; version=0.0.4; charset=utf-8")
        let accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2"
        let open = await Self.answer(Self.request("GET", "/metrics", accept: accept))
        #expect(open?.contentType.hasPrefix("application/openmetrics-text") == true)
        #expect(open.map { String(decoding: $0.body, as: UTF8.self) }?.hasSuffix("# EOF\n") == true)
    }

    /// The text of readiness in each state.
    static let states: [(Readiness.State, Int, String)] = [
        (.starting, 503, "starting\n"), (.ready, 200, "ready\n"), (.draining, 503, "draining\n"),
    ]

    @Test("is ready while it serves, and says why it is not", arguments: states)
    func readiness(state: Readiness.State, status: Int, body: String) async {
        let readiness = Readiness(Recording()) { false }
        readiness.become(state)
        let answer = await Self.answer(Self.request("GET", "/readyz"), readiness: readiness)
        #expect(answer?.status == status)
        #expect(answer.map { String(decoding: $0.body, as: UTF8.self) } == body)
    }

    /// What readiness adds if the journal or the file fails.
    static let failures: [(journal: Bool, file: Bool, String)] = [
        (true, false, "ready, but the ledger fails: Steelyard cannot record charges\n"),
        (true, true, "ready, but the ledger fails: Steelyard cannot record charges\n"),
        (false, true, "ready, but the ledger fails: charges are recorded, but only in the journal\n"),
    ]

    @Test("stays ready while the ledger fails, and says which part of it", arguments: failures)
    func readinessOfTheLedger(journal: Bool, file: Bool, body: String) async {
        let recording = Recording()
        recording.note(isFailing: journal)
        let readiness = Readiness(recording) { file }
        readiness.become(.ready)
        let answer = await Self.answer(Self.request("GET", "/readyz"), readiness: readiness)
        #expect(answer?.status == 200)
        #expect(answer.map { String(decoding: $0.body, as: UTF8.self) } == body)
    }

    @Test("reports a reload, and what kept it from being done")
    func reload() async {
        let done = await Self.answer(Self.request("POST", "/admin/v1/reload"))
        #expect(done.map { String(decoding: $0.body, as: UTF8.self) } == "reloaded\n")
        let problem = Problem(
            file: "proxy.yaml",
            line: 4,
            key: "server.listen",
            message: "cannot change",
            remedy: "restart"
        )
        let report = ReloadReport(isDone: false, problems: [problem])
        let kept = await Self.answer(Self.request("POST", "/admin/v1/reload"), report: report)
        #expect(kept?.status == 422)
        #expect(
            kept.map { String(decoding: $0.body, as: UTF8.self) } == """
                kept the old configuration
                proxy.yaml:4: server.listen: cannot change
                  remedy: restart

                """
        )
    }
}
