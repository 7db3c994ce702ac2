/// A request head that passed our own checks.
public struct RequestHead: Sendable {
    /// The method.
    public var method: String
    /// The request target as sent.
    public var target: String
    /// Its fields.
    public var fields: HeaderFields
    /// What the checks found out about target, framing and persistence.
    public var facts: RequestHeadFacts

    /// Makes a head; `facts` are those of this method, target and fields.
    public init(method: String, target: String, fields: HeaderFields, facts: RequestHeadFacts) {
        self.method = method
        self.target = target
        self.fields = fields
        self.facts = facts
    }

    /// Whether a body follows the head (RFC 9112 §6.3).
    public var hasBody: Bool { facts.isChunked || (facts.contentLength ?? 0) > 0 }

    /// The path without the query.
    public var path: Substring { part(facts.target.path) }

    /// The query with its question mark; empty when there is none.
    public var query: Substring {
        facts.target.query.map { part(($0.lowerBound - 1)..<$0.upperBound) } ?? ""
    }

    private func part(_ range: Range<Int>) -> Substring {
        let bytes = target.utf8
        let start = bytes.index(bytes.startIndex, offsetBy: range.lowerBound)
        // The target has been checked to be ASCII, so that every offset is a character boundary.
        return target[start..<bytes.index(start, offsetBy: range.count)]
    }
}
