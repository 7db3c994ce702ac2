// swiftc -O -swift-version 6 -parse-as-library -sanitize=fuzzer,address -enable-upcoming-feature InternalImportsByDefault \
//   $(find Sources/SteelyardWire -name '*.swift') Tests/Fuzz/AnswerWalk/AnswerWalkFuzz.swift -o answer-fuzzer

/// What libFuzzer calls: the first byte chooses the form, and whether the answer is edited; the second where the rest is
/// cut.
///
/// The walk must come to an end on any bytes, and the cut must change neither what it read nor what leaves. No byte is
/// made up, and where no key can be `usage` the answer passes as it is.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAnswerWalk(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count >= 2 else { return 0 }
    // libFuzzer lends exactly `count` bytes for the call; they are copied before anything else.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let bytes = Array(input[2...])
    let walk = walk(input[0])
    let whole = read(bytes, by: walk, pieceSize: max(bytes.count, 1))
    for size in [Int(input[1]) + 1, 1] {
        let cut = read(bytes, by: walk, pieceSize: size)
        precondition(cut.facts == whole.facts, "the cut changed the facts")
        precondition(cut.output == whole.output, "the cut changed what leaves")
    }
    precondition(whole.output.count <= bytes.count, "made bytes up")
    let mayBeEdited = bytes.contains(UInt8(ascii: "g")) || bytes.contains(UInt8(ascii: "\\"))
    // A comment may leave before bytes that wait.
    precondition(mayBeEdited || bytes.contains(UInt8(ascii: ":")) || whole.output == bytes, "changed what is not ours")
    return 0
}

private func walk(_ choice: UInt8) -> AnswerWalk {
    let form: AnswerForm = choice & 1 == 0 ? .eventStream : .json
    if choice & 4 != 0 { return AnswerWalk(labelled: form, edits: true) }
    return choice & 2 == 0 ? AnswerWalk(form) : AnswerWalk(labelled: form)
}

private func read(_ bytes: [UInt8], by walk: AnswerWalk, pieceSize: Int) -> (facts: AnswerFacts, output: [UInt8]) {
    var walk = walk
    var output: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: pieceSize) {
        let piece = bytes[start..<min(start + pieceSize, bytes.count)]
        if walk.read(piece.span, into: &output) { output += piece }
    }
    walk.finish(into: &output)
    return (walk.facts, output)
}
