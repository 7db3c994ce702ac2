import SteelyardWire

/// A form that is read while it is uploaded. Its boundary is `b`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    input.expectSameAtEverySplit(read)
    return 0
}

private struct FormReading: Equatable {
    var verdict: MultipartPeek.Verdict?
    var objection: MultipartPeek.Verdict?
    var facts: FormFacts
}

private func read(_ pieces: [[UInt8]]) -> FormReading {
    var fields = HeaderFields()
    fields.append(name: "content-type", value: "multipart/form-data; boundary=b")
    var peek = MultipartPeek(fields)
    for piece in pieces { peek.received(piece.span) }
    peek.receivedEnd()
    precondition(peek.verdict != nil, "the form has ended without a verdict")
    return FormReading(verdict: peek.verdict, objection: peek.objection, facts: peek.facts)
}
