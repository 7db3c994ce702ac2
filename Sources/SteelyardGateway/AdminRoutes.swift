import NIOPosix
import SteelyardCrypto
import SteelyardExchange
import SteelyardMetrics
import SteelyardServer

/// The admin paths: liveness, readiness, metrics, reload and reports.
struct AdminRoutes: Sendable {
    let token: [UInt8]?
    let registry: MetricRegistry
    let readiness: Readiness
    let reports: AdminReports
    let reload: @Sendable () -> ReloadReport

    /// Answers admin paths on a thread of the pool; false for any other path.
    func surface() -> AdminSurface {
        { request, reply in
            guard let work = work(for: request) else { return false }
            NIOThreadPool.singleton.submit { _ in reply(work()) }
            return true
        }
    }

    private func work(for request: AdminRequest) -> (@Sendable () -> AdminAnswer)? {
        switch request.path {
        case "/healthz": return reading(request) { .text(200, "ok\n") }
        case "/readyz": return reading(request) { readiness.answer }
        case "/metrics": return reading(request, guarded(request) { metrics(accept: request.accept) })
        case "/admin/v1/reload":
            guard request.method == "POST" else { return notAllowed("POST") }
            return guarded(request) { reload().answer }
        case let path where path.isBelow("/admin") || path.isBelow("/console"):
            return guarded(request, reading(request) { reports.answer(path, AdminQuery(request.query)) ?? .nothing })
        default: return nil
        }
    }

    private func reading(
        _ request: AdminRequest,
        _ work: @escaping @Sendable () -> AdminAnswer
    ) -> @Sendable () -> AdminAnswer {
        request.method == "GET" || request.method == "HEAD" ? work : notAllowed("GET, HEAD")
    }

    private func notAllowed(_ methods: String) -> @Sendable () -> AdminAnswer {
        {
            var answer = AdminAnswer.error(405, "method_not_allowed", "This path accepts \(methods)")
            answer.fields.append(("allow", methods))
            return answer
        }
    }

    /// If a token is configured, everything except liveness and readiness needs it.
    private func guarded(
        _ request: AdminRequest,
        _ work: @escaping @Sendable () -> AdminAnswer
    ) -> @Sendable () -> AdminAnswer {
        guard let token, !holds(request.authorization, token) else { return work }
        return {
            let message = "Send the admin token as Authorization: Bearer TOKEN"
            var answer = AdminAnswer.error(401, "invalid_admin_token", message)
            // RFC 9110 §11.6.1: a 401 names its scheme.
            answer.fields.append(("www-authenticate", "Bearer"))
            return answer
        }
    }

    /// Schemes are matched without regard to case (RFC 9110 §11.1).
    private func holds(_ authorization: String?, _ token: [UInt8]) -> Bool {
        guard let authorization, authorization.prefix(7).lowercased() == "bearer " else { return false }
        return ConstantTime.areEqual(Digest.sha256(Array(authorization.dropFirst(7).utf8)), Digest.sha256(token))
    }

    private func metrics(accept: String?) -> AdminAnswer {
        let format = ExpositionFormat.negotiated(accept: accept)
        var body: [UInt8] = []
        registry.render(format, into: &body)
        return AdminAnswer(status: 200, contentType: format.contentType, body: body)
    }
}

extension AdminAnswer {
    static func text(_ status: Int, _ text: String) -> AdminAnswer {
        AdminAnswer(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
    }

    /// The answer for an unknown admin path.
    static let nothing = error(404, "not_found", "There is nothing at this path")

    static func error(_ status: Int, _ code: String, _ message: String) -> AdminAnswer {
        let refusal = Refusal(status: status, code: code, message: message)
        return AdminAnswer(status: status, contentType: "application/json", body: refusal.json)
    }
}

extension String {
    /// Whether this is a path or one below it.
    fileprivate func isBelow(_ path: String) -> Bool { self == path || hasPrefix(path + "/") }
}
