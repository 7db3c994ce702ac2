/// A small deterministic source of randomness, so that a failure can be run again from its printed seed
/// (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct RandomBytes {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word &>> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word &>> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word &>> 31
    }

    /// A number from 0 up to but not including `bound`.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    /// A byte, more often one that means something to JSON or to an event stream.
    mutating func byte() -> UInt8 {
        let marks = Array("\"\\{}[]:,\n\r nulsage\u{0}".utf8)
        return next() % 3 == 0 ? UInt8(truncatingIfNeeded: next()) : marks[below(marks.count)]
    }
}
