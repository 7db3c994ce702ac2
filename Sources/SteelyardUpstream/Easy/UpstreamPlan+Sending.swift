import SteelyardExchange

extension EasyHandle.Kind {
    /// The kind of handle a request needs.
    ///
    /// A body of HEAD has no meaning (RFC 9110 §9.3.2) and is left out; with one, libcurl would wait for a body in the
    /// answer.
    init(_ plan: UpstreamPlan, _ body: UpstreamBody) {
        switch body {
        // Methods are case-sensitive (RFC 9110 §9.1).
        case _ where plan.method == "HEAD": self = .head
        case .none: self = .bodiless
        case .gathered: self = .gathered
        case .streamed: self = .streamed
        }
    }
}

extension UpstreamPlan {
    /// Whether method and target can be written in a request line (RFC 9112 §3). libcurl writes them as they are, and a
    /// space or line break would start another part of the request.
    var isSendable: Bool {
        !method.isEmpty && method.utf8.allSatisfy(Self.isVisible)
            && target.utf8.first == UInt8(ascii: "/") && target.utf8.allSatisfy(Self.isVisible)
    }

    private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }
}
