import SteelyardPolicy
import Testing

@testable import SteelyardConfiguration

@Suite("Patterns of model names, compared with each other")
struct ModelPatternTests {
    /// Every pattern and name of up to that many letters of a small alphabet, which is enough to find every mistake.
    private static func texts(_ alphabet: String, upTo length: Int) -> [String] {
        var all = [""]
        var last = [""]
        for _ in 0..<length {
            last = last.flatMap { text in alphabet.map { text + String($0) } }
            all += last
        }
        return all
    }

    @Test("one covers another when every name of the other fits it; they overlap when some name fits both")
    func againstAllNames() {
        let patterns = Self.texts("ab*", upTo: 4).map { ModelPattern($0) }
        // Covering is checked against all names; a third letter stands for letters that no pattern has.
        let names = Self.texts("abc", upTo: 6)
        let fits = patterns.map { pattern in Set(names.indices.filter { pattern.matches(names[$0]) }) }
        for (left, leftNames) in zip(patterns, fits).striding(by: 3) {
            for (right, rightNames) in zip(patterns, fits) {
                #expect(left.covers(right) == rightNames.isSubset(of: leftNames), "\(left.text) covers \(right.text)")
                #expect(left.overlaps(right) == !leftNames.isDisjoint(with: rightNames), "\(left.text) \(right.text)")
            }
        }
    }
}

extension Sequence {
    /// Every n-th element: a sample of the square is enough.
    fileprivate func striding(by step: Int) -> [Element] {
        enumerated().filter { $0.offset.isMultiple(of: step) }.map(\.element)
    }
}
