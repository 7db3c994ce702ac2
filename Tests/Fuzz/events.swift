import SteelyardWire

/// The walk over the events of an answer: what it reads, and what it passes on of an edited stream.
///
/// Options: bit 0 the form, bit 1 whether the first bytes may deny it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    let form: AnswerForm = input.options & 1 == 0 ? .eventStream : .json
    let isLabel = input.options & 2 != 0
    input.expectSameAtEverySplit { facts($0, form, isLabel: isLabel) }
    input.expectSameAtEverySplit { edited($0, form) }
    expectSound(edited(input.whole, form), of: input.bytes)
    return 0
}

private func facts(_ pieces: [[UInt8]], _ form: AnswerForm, isLabel: Bool) -> AnswerFacts {
    var walk = isLabel ? AnswerWalk(labelled: form) : AnswerWalk(form)
    for piece in pieces { walk.read(piece.span) }
    walk.finish()
    return walk.facts
}

private func edited(_ pieces: [[UInt8]], _ form: AnswerForm) -> [UInt8] {
    var walk = AnswerWalk(labelled: form, edits: true)
    var output: [UInt8] = []
    for piece in pieces where walk.read(piece.span, into: &output) { output += piece }
    walk.finish(into: &output)
    return output
}

/// The editor only takes out, and only from a stream in which a key can be `usage`. Comments may leave before bytes that
/// wait, so the order is compared only where there can be none.
private func expectSound(_ output: [UInt8], of stream: [UInt8]) {
    let (left, came) = (counts(output), counts(stream))
    precondition(zip(left, came).allSatisfy { $0 <= $1 }, "made bytes up")
    let hasKey = stream.contains(UInt8(ascii: "g")) || stream.contains(UInt8(ascii: "\\"))
    precondition(hasKey || left == came, "changed what is not ours")
    precondition(stream.contains(UInt8(ascii: ":")) || output == stream, "changed what is no event")
}

/// How often each byte occurs.
private func counts(_ bytes: [UInt8]) -> [Int] {
    var counts = [Int](repeating: 0, count: 256)
    for byte in bytes { counts[Int(byte)] += 1 }
    return counts
}
