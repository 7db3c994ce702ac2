/// The web pages whose scripts may read Steelyard's own answers: `server.cors.origins` in proxy.yaml.
public enum AllowedOrigins: Hashable, Sendable {
    /// Those of these origins, as browsers spell them in `Origin`; usually none.
    case listed([String])
    /// Those of every origin.
    case any

    /// No page may.
    public static let none = AllowedOrigins.listed([])

    /// Whether the answer depends on who asks, which caches have to know.
    public var dependsOnOrigin: Bool { self != .any && self != .none }

    /// What `access-control-allow-origin` says to a page of this origin; nil: nothing (Fetch §3.3.3).
    public func allowance(for origin: String) -> String? {
        switch self {
        case .any: "*"
        case .listed(let origins): origins.first { $0.utf8.elementsEqual(origin.utf8) }
        }
    }
}
