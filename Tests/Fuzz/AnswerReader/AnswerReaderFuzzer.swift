// swiftc -O -swift-version 6 -parse-as-library -sanitize=fuzzer,address -enable-upcoming-feature InternalImportsByDefault \
//   $(find Sources/SteelyardWire -name '*.swift') Tests/Fuzz/AnswerReader/AnswerReaderFuzzer.swift -o answer-fuzzer

/// What libFuzzer calls: the first byte chooses the form, and whether the first bytes may deny it; the second where the rest is cut in two.
///
/// The reader must come to an end on any bytes, and the cut must not change what it read.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzAnswerReader(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count >= 2 else { return 0 }
    // libFuzzer lends exactly `count` bytes for the call; they are copied before anything else.
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let form: AnswerForm = input[0] & 1 == 0 ? .eventStream : .json
    let bytes = Array(input[2...])
    let cut = bytes.count * Int(input[1]) / 255
    let isLabel = input[0] & 2 != 0
    let isSame = facts(form, isLabel, bytes, cutAt: cut) == facts(form, isLabel, bytes, cutAt: 0)
    precondition(isSame, "the cut changed the facts")
    return 0
}

private func facts(_ form: AnswerForm, _ isLabel: Bool, _ bytes: [UInt8], cutAt cut: Int) -> AnswerFacts {
    var reader = isLabel ? AnswerReader(labelled: form) : AnswerReader(form)
    reader.read(bytes.span.extracting(0..<cut))
    reader.read(bytes.span.extracting(cut..<bytes.count))
    reader.finish()
    return reader.facts
}
