import SteelyardWire

/// An answer of the admin surface.
public struct AdminAnswer: Sendable {
    /// The HTTP status.
    public var status: Int
    /// `content-type`.
    public var contentType: String
    /// The body.
    public var body: [UInt8]
    /// Further fields, such as `allow`: names in lower case, with values that Steelyard made.
    public var fields: [(name: String, value: String)] = []

    /// Makes an answer.
    public init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// A request to the admin surface; bodies are ignored.
public struct AdminRequest: Sendable {
    /// The method.
    public var method: String
    /// The path without the query.
    public var path: String
    /// The query with its question mark; empty when there is none.
    public var query: String
    /// Its fields. The admin surface reads few of them, and none for a path that is not an admin path.
    var fields: HeaderFields
    /// `accept`.
    public var accept: String? { fields.first("accept") }
    /// `authorization`.
    public var authorization: String? { fields.first("authorization") }
}

/// Answers admin paths: returns false for any other path, otherwise calls `reply` once, from any thread.
///
/// Rendering metrics and reading files would block an event loop for too long, so they happen on other threads.
public typealias AdminSurface =
    @Sendable (AdminRequest, _ reply: @escaping @Sendable (AdminAnswer) -> Void) -> Bool

/// What a listener serves.
public struct ListenerDuties: Sendable {
    /// Whether clients can reach the providers' mounts here.
    public var servesData: Bool
    /// Answers admin paths, or nil where they are not served.
    public var admin: AdminSurface?
    /// Encrypts its connections; nil means plain HTTP.
    public var tls: ListenerTLS?

    /// Makes a set of duties.
    public init(servesData: Bool, admin: AdminSurface?, tls: ListenerTLS? = nil) {
        self.servesData = servesData
        self.admin = admin
        self.tls = tls
    }
}
