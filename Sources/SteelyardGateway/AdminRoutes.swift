import NIOPosix
import SteelyardCrypto
import SteelyardExchange
import SteelyardMetrics
import SteelyardServer

/// The admin surface: liveness, readiness, metrics, reload.
struct AdminRoutes: Sendable {
    let token: [UInt8]?
    let registry: MetricRegistry
    let readiness: Readiness
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
        switch (request.path, request.method) {
        case ("/healthz", "GET"), ("/healthz", "HEAD"): return { .text(200, "ok\n") }
        case ("/readyz", "GET"), ("/readyz", "HEAD"): return { readiness.answer }
        case ("/metrics", "GET"), ("/metrics", "HEAD"): return guarded(request) { metrics(accept: request.accept) }
        case ("/admin/v1/reload", "POST"): return guarded(request) { reload().answer }
        case ("/healthz", _), ("/readyz", _), ("/metrics", _), ("/admin/v1/reload", _):
            return { .error(405, "method_not_allowed", "This path does not take \(request.method)") }
        case (let path, _) where path == "/admin" || path.hasPrefix("/admin/") || path.hasPrefix("/console"):
            return guarded(request) { .error(404, "not_found", "There is nothing at \(path)") }
        default: return nil
        }
    }

    /// With a token configured, everything but liveness and readiness needs it.
    private func guarded(
        _ request: AdminRequest,
        _ work: @escaping @Sendable () -> AdminAnswer
    ) -> @Sendable () -> AdminAnswer {
        guard let token, !holds(request.authorization, token) else { return work }
        return { .error(401, "invalid_admin_token", "Send the admin token as Authorization: Bearer TOKEN") }
    }

    private func holds(_ authorization: String?, _ token: [UInt8]) -> Bool {
        guard let authorization, authorization.hasPrefix("Bearer ") else { return false }
        return ConstantTime.areEqual(Array(authorization.dropFirst(7).utf8), token)
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

    static func error(_ status: Int, _ code: String, _ message: String) -> AdminAnswer {
        let refusal = Refusal(status: status, code: code, message: message)
        return AdminAnswer(status: status, contentType: "application/json", body: refusal.json)
    }
}
