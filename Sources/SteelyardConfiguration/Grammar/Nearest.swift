/// Finds the known word that a misspelt word probably means.
enum Nearest {
    /// The closest of `known` within a third of the word's length (at least one slip); of equal ones, the first; nil if
    /// none is close. Case, `-` and `_` do not count (`baseUrl` is `base_url`), and a prefix is enough (`warn`).
    static func word(to word: String, among known: [String]) -> String? {
        let folded = fold(word)
        if folded.count >= 3, let whole = known.first(where: { fold($0).starts(with: folded) }) { return whole }
        let limit = max(1, folded.count / 3)
        return known.map { (name: $0, slips: slips(folded, fold($0))) }
            .filter { $0.slips <= limit && $0.slips < fold($0.name).count }
            .min { $0.slips < $1.slips }?.name
    }

    private static func fold(_ word: String) -> [UInt8] {
        word.prefix(64).lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
    }

    /// Optimal string alignment distance: each inserted, missing, wrong or swapped letter counts as one.
    private static func slips(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var older: [Int] = []
        var old = Array(0...right.count)
        for (row, a) in left.enumerated() {
            var new = [row + 1]
            for (column, b) in right.enumerated() {
                var best = min(old[column] + (a == b ? 0 : 1), old[column + 1] + 1, new[column] + 1)
                if row > 0, column > 0, a == right[column - 1], b == left[row - 1] {
                    best = min(best, older[column - 1] + 1)
                }
                new.append(best)
            }
            (older, old) = (old, new)
        }
        return old[right.count]
    }
}
