/// What can be the name of a model.
///
/// Names come from clients and providers, and some of what they send is no name: a control character, bytes that are not
/// UTF-8, a whole book. Whatever keeps or compares names would treat those in its own way, and count one charge under two
/// names. So this is decided here, once, for rules, budgets, journal and ledger: what cannot be a name is ``other``.
public enum ModelNameRule {
    /// The name of everything that has none of its own; the same as in metrics.
    public static let other = "other"
    /// No longer name is believed: the longest known, those of fine-tunes, have about 100 bytes.
    public static let longestBytes = 256

    /// The name itself, or ``other`` for what cannot be one.
    public static func accepted(_ name: String) -> String {
        var name = name
        return name.withUTF8(isPossible) ? name : other
    }

    private static func isPossible(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard (1...longestBytes).contains(name.count) else { return false }
        if name.allSatisfy({ (0x20...0x7e).contains($0) }) { return true }
        return String(decoding: name, as: UTF8.self).unicodeScalars.allSatisfy(isPossible)
    }

    /// Control characters are in no name (Unicode 16, table 23-1). U+FFFD stands where bytes were not UTF-8, or where JSON
    /// had half of a surrogate pair: names that differed only there would become one.
    private static func isPossible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1f, 0x7f...0x9f, 0xfffd: false
        default: true
        }
    }
}
