import SteelyardPolicy
import SteelyardWire

/// A request's head with its route. A class, because it is asked often and copying its parts costs more.
final class Inbound: Sendable {
    /// The request's head.
    let head: RequestHead
    /// What it can cost.
    let route: Route
    /// The provider of its path.
    let provider: Provider
    /// The target on the provider's side.
    let target: String
    /// Whether the body is a form.
    let isForm: Bool

    /// Finds the provider and the route of a path without its team.
    init(_ head: RequestHead, path: Substring, _ rules: Rules) throws(Objection) {
        guard let (provider, mountLength) = rules.providers.provider(forPath: path) else {
            throw Objection(.unknownPath)
        }
        let relative = String(path.dropFirst(mountLength))
        self.head = head
        route = rules.routes.route(method: head.method, path: relative, hasBody: head.hasBody)
        self.provider = provider
        target = Self.target(provider.origin.pathPrefix + relative, query: head.query)
        isForm = head.hasBody && head.fields.hasMediaType("multipart/form-data")
    }

    /// A request for exactly the mount of a base URL without a path asks for `/`: a target is never empty (RFC 9112
    /// §3.2.1).
    private static func target(_ path: String, query: some StringProtocol) -> String {
        (path.isEmpty ? "/" : path) + query
    }

    /// Generating requests with a JSON body are read before they are sent; forms and unknown bodies stream through.
    var gathersBody: Bool { route.isGeneration && head.hasBody && !isForm }

    /// Whether the body goes to the provider as it comes, once the request is started.
    var streamsBody: Bool { head.hasBody && !gathersBody }

    /// Whether Steelyard reads the form while it streams: only where it may cost money.
    var peeksBody: Bool { isForm && route.mayCostMoney && !isCoded }

    /// Whether it is a form that Steelyard does not read although its route generates.
    var isUnreadForm: Bool { isForm && route.isGeneration && isCoded }

    /// Whether its body has a content coding.
    var isCoded: Bool { head.hasBody && head.fields.contentCoding != .identity }

    /// Whether a browser asks here if a page may send a request (Fetch §4.8, CORS-preflight fetch). Such a request
    /// carries no key by definition. It is passed on without identifying anybody, without a body and without
    /// credentials.
    var isPreflight: Bool {
        head.method == "OPTIONS" && !head.hasBody && head.fields.first("access-control-request-method") != nil
            && head.fields.first("origin") != nil
    }

    /// How often the SDK has tried before; both official SDKs send it (`_base_client.py`, 3.52.0).
    var retryCount: Int {
        head.fields.first("x-stainless-retry-count").flatMap { Int($0) }.map { min(max($0, 0), 100) } ?? 0
    }

    /// Whether a segment of the path is this id.
    func names(_ id: String?) -> Bool {
        guard let id else { return false }
        return head.path.split(separator: "/").contains { $0 == id }
    }

    /// Whether the request deletes what its path names.
    var deletes: Bool { head.method == "DELETE" }
}
