/// The header rules that the route to a provider adds to the fixed ones.
public struct UpstreamHeaderRules: OptionSet, Sendable {
    /// The bits of the set.
    public let rawValue: UInt8

    /// Makes a set of its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The provider's key replaces ours: whatever the client sent to say who pays is not forwarded.
    public static let substitutesKey = UpstreamHeaderRules(rawValue: 1 << 0)
    /// The operator allows trace context (`traceparent`, `tracestate`, `baggage`) to be forwarded.
    public static let passesTraceContext = UpstreamHeaderRules(rawValue: 1 << 1)
    /// The answer will be edited, so it must come uncoded.
    public static let asksForIdentityCoding = UpstreamHeaderRules(rawValue: 1 << 2)
}

extension HeaderFields {
    /// The fields of a client's request that go to the provider. This is a deny-list, since the API's own headers
    /// change monthly. Order, case and spelling stay.
    ///
    /// Left out are the fields of this hop and those that `Connection` names, framing, `Host`, fields addressed to us,
    /// and fields that describe the way to us. `Accept-Encoding` is reduced to what the meter can decode.
    public func forwardedUpstream(_ rules: UpstreamHeaderRules = []) -> HeaderFields {
        let nominated = connectionOptions
        var forwarded = withoutFields
        var saysCodings = false
        for index in fields.indices where !isNominated(index, by: nominated) {
            switch role(at: index) {
            case .endToEnd: forwarded.fields.append(fields[index])
            case .credential where !rules.contains(.substitutesKey): forwarded.fields.append(fields[index])
            case .tracing where rules.contains(.passesTraceContext): forwarded.fields.append(fields[index])
            case .codings where !saysCodings:
                saysCodings = true
                forwarded.appendCodings(of: self, at: index, rules)
            default: continue
            }
        }
        if rules.contains(.asksForIdentityCoding), !saysCodings {
            forwarded.append(name: "accept-encoding", value: "identity")
        }
        return forwarded
    }

    /// The fields of a provider's answer that go to the client. Left out are the fields of this hop, those that
    /// `Connection` names, framing, which we choose, and `x-steelyard-*`, which only we send.
    public func forwardedDownstream() -> HeaderFields {
        let nominated = connectionOptions
        var forwarded = withoutFields
        for index in fields.indices where !isNominated(index, by: nominated) {
            switch role(at: index) {
            case .hopByHop, .framing, .ours: continue
            default: forwarded.fields.append(fields[index])
            }
        }
        return forwarded
    }
}

extension HeaderFields {
    /// The same buffer without fields, with room for as many fields: a selection does not copy their bytes.
    private var withoutFields: HeaderFields {
        var selection = self
        selection.fields = []
        selection.fields.reserveCapacity(count + 1)
        return selection
    }

    /// The names that `Connection` makes hop-by-hop, in lower case, without the two options that name no field.
    private var connectionOptions: [[UInt8]] {
        var names: [[UInt8]] = []
        for index in fields.indices where isNamed("connection", at: index) {
            bytes.span.extracting(valueRange(at: index)).forEachListMember { option in
                guard !option.equals("close"), !option.equals("keep-alive") else { return }
                names.append(option.bytesArray.map(\.lowercasedASCII))
            }
        }
        return names
    }

    private func isNominated(_ index: Int, by names: [[UInt8]]) -> Bool {
        guard !names.isEmpty else { return false }
        return names.contains(name(at: index).map(\.lowercasedASCII))
    }

    /// Appends one `accept-encoding` that replaces all of the client's, at the place of the first one.
    ///
    /// An absent field stays absent, unless the answer will be edited: adding one would change what the client said. If
    /// a client asked only for codings that we cannot read, it gets none of them.
    private mutating func appendCodings(of request: HeaderFields, at index: Int, _ rules: UpstreamHeaderRules) {
        let readable = rules.contains(.asksForIdentityCoding) ? [] : request.readableCodings
        let codings = readable.isEmpty ? Array("identity".utf8) : readable
        append(name: request.bytes.span.extracting(request.nameRange(at: index)), value: codings.span)
    }

    /// The members of `Accept-Encoding` that the meter can decode, each with its weight (RFC 9110 §12.5.3).
    private var readableCodings: [UInt8] {
        var kept: [UInt8] = []
        for index in fields.indices where isNamed("accept-encoding", at: index) {
            bytes.span.extracting(valueRange(at: index)).forEachListMember { member in
                guard member.isReadableCoding else { return }
                if !kept.isEmpty { kept.append(contentsOf: [.comma, .space]) }
                member.withUnsafeBufferPointer { kept.append(contentsOf: $0) }
            }
        }
        return kept
    }
}

extension Span<UInt8> {
    /// Whether a member of `Accept-Encoding` names a coding the meter can decode.
    fileprivate var isReadableCoding: Bool {
        let end = firstIndex(of: .semicolon) ?? count
        let coding = extracting(trimmingOptionalSpace(in: 0..<end))
        return coding.equals("gzip") || coding.equals("deflate") || coding.equals("zstd") || coding.equals("identity")
    }
}
