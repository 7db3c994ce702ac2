/// What libFuzzer passes to a harness: one byte of options, one byte that says where the rest is cut, and the rest.
struct FuzzInput {
    /// Choices that the harness gives a meaning.
    let options: UInt8
    /// What the reader reads.
    let bytes: [UInt8]
    private let cut: Int

    /// Copies the input; nil if it is too short.
    init?(_ start: UnsafePointer<UInt8>, _ count: Int) {
        guard count >= 2 else { return nil }
        options = start[0]
        // libFuzzer lends exactly `count` bytes for the call.
        bytes = Array(UnsafeBufferPointer(start: start + 2, count: count - 2))
        cut = bytes.count * Int(start[1]) / 255
    }

    /// The same bytes as one piece.
    var whole: [[UInt8]] { [bytes] }

    /// The same bytes in two pieces, and in pieces of one byte.
    var pieces: [[[UInt8]]] { [[Array(bytes[..<cut]), Array(bytes[cut...])], bytes.map { [$0] }] }

    /// Stops the process, and libFuzzer keeps the input, unless every split gives what the whole gives.
    func expectSameAtEverySplit<Result: Equatable>(_ read: ([[UInt8]]) -> Result) {
        let expected = read(whole)
        for split in pieces { precondition(read(split) == expected, "the split changed what was read") }
    }
}
