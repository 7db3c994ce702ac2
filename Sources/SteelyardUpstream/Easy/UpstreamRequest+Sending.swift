extension EasyHandle.Kind {
    /// The kind of handle a request needs.
    init(_ request: UpstreamRequest) {
        switch request.body {
        case .gathered: self = .gathered
        case .streamed: self = .streamed
        // Methods are case-sensitive (RFC 9110 §9.1).
        case .none: self = request.method == "HEAD" ? .head : .bodiless
        }
    }
}

extension UpstreamRequest {
    /// Whether method and target are what a request line can hold (RFC 9112 §3): libcurl writes them as they are, and a
    /// space or line break would begin something else.
    var isSendable: Bool {
        !method.isEmpty && method.utf8.allSatisfy(Self.isVisible)
            && target.utf8.first == UInt8(ascii: "/") && target.utf8.allSatisfy(Self.isVisible)
    }

    private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }
}
