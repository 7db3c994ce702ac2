/// The web pages whose scripts may read Steelyard's own answers: `server.cors.origins` in proxy.yaml.
public enum AllowedOrigins: Hashable, Sendable {
    /// Pages of these origins, as browsers spell them in `Origin`; usually none.
    case listed([String])
    /// Pages of every origin.
    case any

    /// No page.
    public static let none = AllowedOrigins.listed([])

    /// Whether the answer depends on the page's origin. Caches have to know this.
    public var dependsOnOrigin: Bool { self != .any && self != .none }

    /// The value of `access-control-allow-origin` for a page of this origin; nil: the field is not sent (Fetch §3.3.3).
    public func allowance(for origin: String) -> String? {
        switch self {
        case .any: "*"
        case .listed(let origins): origins.first { $0.utf8.elementsEqual(origin.utf8) }
        }
    }
}
