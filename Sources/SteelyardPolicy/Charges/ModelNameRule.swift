/// Decides what can be a model's name.
///
/// Names come from clients and providers, and some of what they send is not a name: a control character, bytes that are
/// not UTF-8, a whole book. Each part that stores or compares names would handle those differently, and count one
/// charge under two names. So the decision is made here, once, for rules, budgets, journal and ledger: what cannot be a
/// name becomes ``other``.
public enum ModelNameRule {
    /// The name for everything that cannot be a name; the same as in metrics.
    public static let other = "other"
    /// The longest name that is accepted. The longest known names, those of fine-tunes, have about 100 bytes.
    public static let longestBytes = 256

    /// The name itself, or ``other`` if it cannot be one.
    public static func accepted(_ name: String) -> String {
        var name = name
        return name.withUTF8(isPossible) ? name : other
    }

    private static func isPossible(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard (1...longestBytes).contains(name.count) else { return false }
        if name.allSatisfy({ (0x20...0x7e).contains($0) }) { return true }
        return String(decoding: name, as: UTF8.self).unicodeScalars.allSatisfy(isPossible)
    }

    /// No name contains control characters (Unicode 16, table 23-1). U+FFFD replaces bytes that were not UTF-8, or half
    /// a surrogate pair in JSON: names that differ only there would become the same name.
    private static func isPossible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1f, 0x7f...0x9f, 0xfffd: false
        default: true
        }
    }
}
