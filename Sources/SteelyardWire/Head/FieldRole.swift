/// What a field is for, as far as forwarding is concerned.
enum FieldRole {
    /// Meant for the other end: forwarded as it is.
    case endToEnd
    /// Meant for this hop alone (RFC 9110 §7.6.1), or, such as `Expect`, answered by this hop.
    case hopByHop
    /// Says how the body ends; each side of a proxy chooses its own.
    case framing
    /// The name the client knows us by; the provider's stands in the URL.
    case host
    /// Addressed to us.
    case ours
    /// Tells of the way the request took before us, which is nobody's business beyond us. A provider behind the same
    /// content network as we are may also refuse a request that carries that network's own marks.
    case forwarding
    /// Ties the request to a trace of the client's.
    case tracing
    /// Says who pays.
    case credential
    /// `Accept-Encoding`.
    case codings
}

extension HeaderFields {
    /// The role of a field, by its name alone.
    ///
    /// Names are told apart by their length first, so that most fields cost no comparison at all.
    func role(at index: Int) -> FieldRole {
        switch fields[index].name.count {
        case 2...7: roleOfShortName(at: index)
        case 8...11: roleOfMiddlingName(at: index)
        default: roleOfLongName(at: index)
        }
    }

    private func roleOfShortName(at index: Int) -> FieldRole {
        switch fields[index].name.count {
        case 2 where isNamed("te", at: index): .hopByHop
        case 3 where isNamed("via", at: index): .forwarding
        case 4 where isNamed("host", at: index): .host
        case 6 where isNamed("expect", at: index): .hopByHop
        case 6 where isNamed("cf-ray", at: index): .forwarding
        case 7 where isNamed("upgrade", at: index) || isNamed("trailer", at: index): .hopByHop
        case 7 where isNamed("baggage", at: index): .tracing
        case 7 where isNamed("api-key", at: index): .credential
        default: .endToEnd
        }
    }

    private func roleOfMiddlingName(at index: Int) -> FieldRole {
        switch fields[index].name.count {
        case 9 where isNamed("x-real-ip", at: index) || isNamed("forwarded", at: index): .forwarding
        case 9 where isNamed("cf-ew-via", at: index) || isNamed("cf-worker", at: index): .forwarding
        case 9 where isNamed("x-api-key", at: index): .credential
        case 10 where isNamed("connection", at: index) || isNamed("keep-alive", at: index): .hopByHop
        case 10 where isNamed("tracestate", at: index): .tracing
        case 10 where isNamed("cf-visitor", at: index): .forwarding
        case 11 where isNamed("traceparent", at: index): .tracing
        case 11 where isNamed("x-client-ip", at: index): .forwarding
        default: .endToEnd
        }
    }

    private func roleOfLongName(at index: Int) -> FieldRole {
        switch fields[index].name.count {
        case 12 where isNamed("cf-ipcountry", at: index): .forwarding
        case 13 where isNamed("authorization", at: index): .credential
        case 14 where isNamed("content-length", at: index): .framing
        case 14 where isNamed("x-goog-api-key", at: index) || isNamed("openai-project", at: index): .credential
        case 14 where isNamed("http2-settings", at: index): .hopByHop
        case 14 where isNamed("cf-pseudo-ipv4", at: index) || isNamed("true-client-ip", at: index): .forwarding
        case 15 where isNamed("accept-encoding", at: index): .codings
        case 16 where isNamed("cf-connecting-ip", at: index): .forwarding
        case 16 where isNamed("proxy-connection", at: index): .hopByHop
        case 17 where isNamed("transfer-encoding", at: index): .framing
        case 18 where isNamed("cf-connecting-ipv6", at: index): .forwarding
        case 18 where isNamed("proxy-authenticate", at: index): .hopByHop
        case 19 where isNamed("openai-organization", at: index): .credential
        case 19 where isNamed("proxy-authorization", at: index): .hopByHop
        case 12... where hasName(prefix: "x-steelyard-", at: index): .ours
        case 12... where hasName(prefix: "x-forwarded-", at: index): .forwarding
        default: .endToEnd
        }
    }

    /// Whether the field's name begins with this lower-case ASCII text, in any case.
    private func hasName(prefix: StaticString, at index: Int) -> Bool {
        let name = nameRange(at: index)
        guard name.count >= prefix.utf8CodeUnitCount else { return false }
        return bytes.span.extracting(name).extracting(first: prefix.utf8CodeUnitCount).equals(prefix)
    }
}
