/// What hosted tools used: `tool_usage`, a sibling of `usage` on a response.
///
/// Image generation inside a response is billed at the image model's rates, so its tokens are never added to the usage;
/// they are leaves here (`image_gen.input_tokens`, …).
public struct ToolUsageReading: Sendable, Equatable {
    /// The object as the provider wrote it.
    public private(set) var verbatim: [UInt8] = []
    /// All its numbers, at most `UsageReading.leafLimit`.
    public private(set) var leaves: [UsageLeaf] = []

    /// Makes an empty reading.
    public init() {}

    /// Billable web searches; opened pages do not count. `nil` when the answer doesn't say.
    public var webSearchRequests: Int64? {
        leaves.first { $0.path == "web_search.num_requests" }?.number.scaled().map { max($0, 0) }
    }

    /// What image generation used, at the rates of the model that made the pictures; `nil` when it used nothing, or
    /// when this is unknown.
    public var pictures: UsageReading? {
        let hasAny = leaves.contains { $0.path.hasPrefix("image_gen.") && $0.number.significand > 0 }
        return hasAny ? UsageReading(picturesIn: verbatim) : nil
    }

    /// Takes the object: the last one of an answer counts. The caller gets the old array back to write into.
    mutating func replace(_ object: inout [UInt8]) {
        leaves.removeAll(keepingCapacity: true)
        var walker = UsageWalker(object, table: nil)
        while leaves.count < UsageReading.leafLimit, let leaf = walker.next() {
            guard let number = leaf.number else { continue }
            leaves.append(UsageLeaf(path: String(decoding: walker.path, as: UTF8.self), number: number))
        }
        swap(&object, &verbatim)
    }
}
