// swiftc -O -parse-as-library -sanitize=fuzzer -swift-version 6 $(find Sources/SteelyardWire -name '*.swift') Tests/Fuzz/RequestBody/*.swift -o /tmp/fuzz
// /tmp/fuzz -max_len=4096 -max_total_time=120 CORPUS

/// Reading never traps, and an edit makes a body that asks for usage and says the same otherwise.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequestBody(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let body = [UInt8](UnsafeBufferPointer(start: start, count: count))
    guard var facts = try? RequestBody.read(body.span), case .edit(let edit) = facts.usageAsk else { return 0 }
    let changed = edit.applied(to: body.span)
    facts.usageAsk = .leave
    precondition((try? RequestBody.read(changed.span)) == facts, "the edit changed more than it says")
    return 0
}
