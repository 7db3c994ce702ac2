import SteelyardPolicy
import SteelyardWire

/// Steelyard keys in places where no key belongs: in a field of another name, in a field's name, in a cookie, in the
/// query, in quotation marks, in `Basic`.
///
/// All these go to the provider unchanged, and a Steelyard key must never go there. Bodies are not searched:
/// SECURITY.md says so.
extension Exchange {
    /// Refuses a head that would carry anything in the form of a Steelyard key to the provider, apart from the keys
    /// that were presented as credentials.
    mutating func checkStrayKeys(_ inbound: borrowing Inbound, presented: [Credential]) throws(Refusal) {
        let fields = inbound.head.fields
        let isInTarget = KeySearch.finds(in: inbound.target.utf8Span.span)
        guard isInTarget || fields.keyCount > presented.count(where: \.isSteelyard) else { return }
        guard isInTarget || fields.forwardedUpstream(headerRules(isEdited: false)).keyCount > 0 else { return }
        identity = nil
        turnedAway = .unidentified(.keyMisplaced)
        throw Refusal(.keyMisplaced)
    }
}

extension Credential {
    fileprivate var isSteelyard: Bool { if case .steelyard = kind { true } else { false } }
}

extension HeaderFields {
    /// How many fields have a Steelyard key in their name or value.
    fileprivate var keyCount: Int { (0..<count).count { KeySearch.finds(in: line(at: $0).span) } }
}
