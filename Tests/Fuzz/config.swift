import SteelyardConfiguration

/// A configuration or price file. It is refused with a problem or read, and reading it again decides the same.
///
/// The words are not compared: for some files with repeated keys they differ from one reading to the next, because the
/// YAML library finds those keys in a dictionary (corpus: `repeated-keys`).
///
/// Options: bit 0 whether the bytes are a price file.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    let isPriceFile = input.options & 1 != 0
    let reading = read(input.bytes, isPriceFile)
    precondition((reading.configuration == nil) == reading.problems.areFatal, "neither read nor refused")
    let again = read(input.bytes, isPriceFile)
    precondition(again.problems.areFatal == reading.problems.areFatal, "decided something else")
    return 0
}

private func read(_ bytes: [UInt8], _ isPriceFile: Bool) -> Reading {
    let prices = Surroundings(variable: { _ in nil }, readFile: { _ in .bytes(bytes) })
    let text = isPriceFile ? Array(namingPrices.utf8) : bytes
    return Configuration.read(text, file: "proxy.yaml", surroundings: isPriceFile ? prices : .empty)
}

private let namingPrices = """
    prices: { file: p.yaml }
    providers: { openai: { base_url: https://api.openai.com/v1 } }

    """
