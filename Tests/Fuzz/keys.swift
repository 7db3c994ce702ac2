import SteelyardPolicy

/// A key that a client presents: is it ours, and is it well formed, whatever is around it.
///
/// Options: bits 0 and 1 how a well-formed key is hidden.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    let key = input.bytes
    let isFound = KeySearch.finds(in: key.span)
    precondition(!isFound || KeySearch.finds(in: ([0x20] + key + [0x20]).span), "a space around it hides a key")
    guard let id = try? SteelyardKey.id(of: key.span) else { return 0 }
    precondition(SteelyardKey.isClaimed(by: key.span) && isFound, "a key that is not taken for one")
    precondition(Array(key[3..<11]) == id.bytes && KeyID(id.text) == id, "another id than the key's")
    precondition(KeySearch.finds(in: hidden(key, input.options & 3).span), "a coding hides the key")
    return 0
}

private func hidden(_ key: [UInt8], _ coding: UInt8) -> [UInt8] {
    switch coding {
    case 0: key
    case 1: key.flatMap(hexadecimal)
    case 2: key.flatMap { [UInt8(ascii: "%")] + hexadecimal($0) }
    default: key.flatMap { [UInt8(ascii: "\\"), UInt8(ascii: "u"), 0x30, 0x30] + hexadecimal($0) }
    }
}

private func hexadecimal(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789abcdef".utf8)
    return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
}
