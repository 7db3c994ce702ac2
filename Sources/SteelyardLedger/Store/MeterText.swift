import SteelyardPolicy

/// Meters as the JSON object in an entry: `{"prompt":1000,"input":200,"cached":800,"output":20}`.
enum MeterText {
    /// The member for counts that contradicted each other.
    private static let inconsistent = "inconsistent"
    private static let prompt = "prompt"

    /// The quantities that are not 0, as UTF-8.
    static func bytes(_ meters: Meters) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(96)
        add(prompt, meters.promptTokens, to: &bytes)
        for (meter, quantity) in meters.measured { add(meter.name, quantity, to: &bytes) }
        for (name, count) in ToolCounts.counts(of: meters, name: \.name) { add(name, count, to: &bytes) }
        if meters.isInconsistent { add(inconsistent, 1, to: &bytes) }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private static func add(_ name: String, _ count: Int64, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: bytes.isEmpty ? "{" : ","))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        bytes.append(contentsOf: String(count).utf8)
    }

    /// Reads such a text; nil for any other text.
    static func meters(_ text: String) -> Meters? {
        guard text.first == "{", text.last == "}" else { return nil }
        var counts: [(name: Substring, count: Int64)] = []
        for member in text.dropFirst().dropLast().split(separator: ",") {
            // A model's name may contain a colon.
            guard let colon = member.lastIndex(of: ":"), let count = Int64(member[member.index(after: colon)...])
            else { return nil }
            counts.append((member[..<colon].filter { $0 != "\"" }[...], count))
        }
        return meters(counts)
    }

    private static func meters(_ counts: [(name: Substring, count: Int64)]) -> Meters? {
        var meters = Meters(promptTokens: counts.first { $0.name == prompt }?.count ?? 0)
        // Only a negative count marks meters as inconsistent. The real count replaces it below.
        if counts.contains(where: { $0.name == inconsistent }) { meters[.input] = -1 }
        for (name, count) in counts where name != prompt && name != inconsistent {
            if let meter = meter(String(name)) {
                meters[meter] = count
            } else if let work = ToolCounts.work(name, count, meter: meter) {
                meters.add(work)
            } else {
                return nil
            }
        }
        return meters
    }

    private static func meter(_ name: String) -> Meter? { Meter.allCases.first { $0.name == name } }
}

extension Meter {
    /// The name of a count. It differs from the price book's column if that has another unit.
    fileprivate var name: String { self == .duration ? "microseconds" : column }
}

extension Meters {
    /// The quantities that are not 0.
    var measured: [(meter: Meter, quantity: Int64)] {
        Meter.allCases.compactMap { meter in
            let quantity = self[meter]
            return quantity == 0 ? nil : (meter, quantity)
        }
    }

    /// Prompt tokens that came from a cache.
    var cachedTokens: Int64 { self[.cachedInput] + self[.cachedAudioInput] + self[.cachedImageInput] }

    /// All tokens of the answer.
    var outputTokens: Int64 { self[.output] + self[.reasoning] + self[.audioOutput] + self[.imageOutput] }
}
