// swiftc -O -parse-as-library -sanitize=fuzzer -swift-version 6 $(find Sources/SteelyardWire -name '*.swift') Tests/Fuzz/StreamEditor/*.swift -o /tmp/fuzz
// /tmp/fuzz -max_len=4096 -max_total_time=120 CORPUS

/// The first byte says where the stream that follows is cut; the output must not depend on it, hold no byte that did
/// not come in, and be the input where no key can be `usage`.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzStreamEditor(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    let stream = [UInt8](UnsafeBufferPointer(start: start + 1, count: count - 1))
    let whole = edited(stream, pieceSize: stream.count)
    precondition(edited(stream, pieceSize: Int(start[0] & 0x3F) + 1) == whole, "depends on the cut")
    precondition(edited(stream, pieceSize: 1) == whole, "depends on the cut")
    precondition(whole.count <= stream.count, "made bytes up")
    if !stream.contains(UInt8(ascii: "g")), !stream.contains(UInt8(ascii: "\\")), !stream.contains(.colon) {
        precondition(whole == stream, "changed what is not ours")
    }
    return 0
}

private func edited(_ stream: [UInt8], pieceSize: Int) -> [UInt8] {
    var editor = StreamEditor()
    var output: [UInt8] = []
    for start in stride(from: 0, to: stream.count, by: pieceSize) {
        editor.edit(stream.span.extracting(start..<min(start + pieceSize, stream.count)), into: &output)
    }
    editor.finish(into: &output)
    return output
}
