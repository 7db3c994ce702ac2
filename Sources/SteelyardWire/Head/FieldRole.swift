/// What a field is for, as far as forwarding is concerned.
enum FieldRole {
    /// Meant for the other end: forwarded as it is.
    case endToEnd
    /// Meant for this hop alone (RFC 9110 §7.6.1), or answered by this hop, such as `Expect`.
    case hopByHop
    /// Says how the body ends; each side of a proxy chooses its own.
    case framing
    /// The name by which the client knows us; the provider's name is in the URL.
    case host
    /// Addressed to us.
    case ours
    /// Describes the way the request took to us, which concerns nobody beyond us. If a provider is behind the same
    /// content network as we are, it may also refuse a request that carries that network's own marks.
    case forwarding
    /// Links the request to a trace of the client's.
    case tracing
    /// Says who pays.
    case credential
    /// `Accept-Encoding`.
    case codings
}

extension HeaderFields {
    /// The role of a field, by its name alone.
    func role(at index: Int) -> FieldRole { FieldRole(ofName: bytes.span.extracting(nameRange(at: index))) }
}

extension FieldRole {
    /// Names are told apart by their length first, so that most fields need no comparison at all.
    init(ofName name: Span<UInt8>) {
        self =
            switch name.count {
            case 2...7: Self.ofShort(name)
            case 8...11: Self.ofMiddling(name)
            default: Self.ofLong(name)
            }
    }

    private static func ofShort(_ name: Span<UInt8>) -> FieldRole {
        switch name.count {
        case 2 where name.equals("te"): .hopByHop
        case 3 where name.equals("via"): .forwarding
        case 4 where name.equals("host"): .host
        case 6 where name.equals("expect"): .hopByHop
        case 6 where name.equals("cf-ray"): .forwarding
        case 7 where name.equals("upgrade") || name.equals("trailer"): .hopByHop
        case 7 where name.equals("baggage"): .tracing
        case 7 where name.equals("api-key"): .credential
        default: .endToEnd
        }
    }

    private static func ofMiddling(_ name: Span<UInt8>) -> FieldRole {
        switch name.count {
        case 9 where name.equals("x-real-ip") || name.equals("forwarded"): .forwarding
        case 9 where name.equals("cf-ew-via") || name.equals("cf-worker"): .forwarding
        case 9 where name.equals("x-api-key"): .credential
        case 10 where name.equals("connection") || name.equals("keep-alive"): .hopByHop
        case 10 where name.equals("tracestate"): .tracing
        case 10 where name.equals("cf-visitor"): .forwarding
        case 11 where name.equals("traceparent"): .tracing
        case 11 where name.equals("x-client-ip"): .forwarding
        default: .endToEnd
        }
    }

    private static func ofLong(_ name: Span<UInt8>) -> FieldRole {
        switch name.count {
        case 12 where name.equals("cf-ipcountry"): .forwarding
        case 13 where name.equals("authorization"): .credential
        case 14 where name.equals("content-length"): .framing
        case 14 where name.equals("x-goog-api-key") || name.equals("openai-project"): .credential
        case 14 where name.equals("http2-settings"): .hopByHop
        case 14 where name.equals("cf-pseudo-ipv4") || name.equals("true-client-ip"): .forwarding
        case 15 where name.equals("accept-encoding"): .codings
        case 16 where name.equals("cf-connecting-ip"): .forwarding
        case 16 where name.equals("proxy-connection"): .hopByHop
        case 17 where name.equals("transfer-encoding"): .framing
        case 18 where name.equals("cf-connecting-ipv6"): .forwarding
        case 18 where name.equals("proxy-authenticate"): .hopByHop
        case 19 where name.equals("openai-organization"): .credential
        case 19 where name.equals("proxy-authorization"): .hopByHop
        case 12... where name[0].lowercasedASCII == UInt8(ascii: "x"): ofExtension(name)
        default: .endToEnd
        }
    }

    private static func ofExtension(_ name: Span<UInt8>) -> FieldRole {
        if name.hasPrefix("x-steelyard-") { return .ours }
        return name.hasPrefix("x-forwarded-") ? .forwarding : .endToEnd
    }
}

extension Span<UInt8> {
    /// Whether the bytes begin with this lower-case ASCII text, in any case.
    fileprivate func hasPrefix(_ lowercased: StaticString) -> Bool {
        let length = lowercased.utf8CodeUnitCount
        return count >= length && extracting(first: length).equals(lowercased)
    }
}
