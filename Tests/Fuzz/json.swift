@testable import SteelyardWire

/// The JSON body of a metered request: what decides its cost, and the edit that asks for usage.
///
/// Options: bit 0 whether characters are counted.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    let counts = input.options & 1 != 0
    input.expectSameAtEverySplit { read($0, counts) }
    expectEditSaysTheSame(input.bytes, counts)
    return 0
}

private func read(_ pieces: [[UInt8]], _ countsCharacters: Bool) -> Result<RequestFacts?, RequestBodyDefect> {
    var reader = RequestBodyReader()
    reader.countsCharacters = countsCharacters
    var body: [UInt8] = []
    for piece in pieces {
        body += piece
        while reader.read(body.span) {}
    }
    return Result { () throws(RequestBodyDefect) in try reader.facts }
}

/// An edit makes a body that asks for usage and says the same otherwise.
private func expectEditSaysTheSame(_ body: [UInt8], _ counts: Bool) {
    guard case .success(var facts?) = read([body], counts), case .edit(let edit) = facts.usageAsk else { return }
    facts.usageAsk = .leave
    precondition(read([edit.applied(to: body.span)], counts) == .success(facts), "the edit changed more than it says")
}
