import SteelyardPolicy
import SteelyardWire

/// Steelyard keys where nobody looks for a key: in a field of another name, in the query, in quotation marks.
///
/// All these go to the provider as they are, and a key of ours never may.
extension Exchange {
    /// Refuses a head that would carry a whole Steelyard key to the provider beside those that were presented.
    mutating func checkStrayKeys(_ inbound: borrowing Inbound, presented: [Credential]) throws(Refusal) {
        let fields = inbound.head.fields
        let isInTarget = inbound.target.utf8Span.span.holdsSteelyardKey
        let isBesideOthers = fields.steelyardKeyCount > presented.count { $0.isSteelyard }
        guard isInTarget || isBesideOthers else { return }
        guard isInTarget || fields.forwardedUpstream(headerRules(isEdited: false)).steelyardKeyCount > 0 else { return }
        identity = nil
        turnedAway = .unidentified(.keyMissing)
        throw Refusal(.keyMissing)
    }
}

extension Credential {
    fileprivate var isSteelyard: Bool { if case .steelyard = kind { true } else { false } }
}

extension HeaderFields {
    /// How many fields have a whole Steelyard key in their value.
    fileprivate var steelyardKeyCount: Int { (0..<count).count { value(at: $0).span.holdsSteelyardKey } }
}

extension Span<UInt8> {
    /// Whether a Steelyard key stands anywhere in it: nearly all values are shorter than one.
    fileprivate var holdsSteelyardKey: Bool {
        guard count >= SteelyardKey.byteCount else { return false }
        return (0...(count - SteelyardKey.byteCount)).contains { start in
            self[start] == UInt8(ascii: "s") && self[start + 1] == UInt8(ascii: "y")
                && extracting(start..<start + SteelyardKey.byteCount).isSteelyardKey
        }
    }

    private var isSteelyardKey: Bool {
        do throws(KeyTypo) {
            _ = try SteelyardKey.id(of: self)
            return true
        } catch {
            return false
        }
    }
}
