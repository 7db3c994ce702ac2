import SeededRandom

extension SeededRandom {
    /// A byte, more often one with a meaning in JSON or in an event stream.
    mutating func byte() -> UInt8 {
        let marks = Array("\"\\{}[]:,\n\r nulsage\u{0}".utf8)
        return next() % 3 == 0 ? UInt8(truncatingIfNeeded: next()) : marks[below(marks.count)]
    }
}
