/// What a request asked for, as far as it helps to estimate the cost when no usage comes.
public struct RequestedWork: Hashable, Sendable {
    /// Bytes of text and schemas; nil when the body was not read or is not text.
    public var textBytes: Int64?
    /// Input whose tokens are known: ids given in place of text, and pictures.
    public var countedTokens: Int64
    /// The most tokens that may be generated, over all choices; nil for no limit.
    public var outputLimit: Int64?
    /// Whether cache writes count as the long, dearer kind when the split is not stated.
    public var writesCacheLong: Bool

    /// Makes a description.
    public init(
        textBytes: Int64?,
        countedTokens: Int64 = 0,
        outputLimit: Int64? = nil,
        writesCacheLong: Bool = false
    ) {
        self.textBytes = textBytes
        self.countedTokens = countedTokens
        self.outputLimit = outputLimit
        self.writesCacheLong = writesCacheLong
    }
}

extension RequestedWork {
    /// The estimated input tokens for a team and model; at least one.
    public func inputTokens(team: String, model: String, estimates: TokenEstimates) -> Int64 {
        estimates.inputTokens(bytes: textBytes ?? 0, team: team, model: model).addingClamped(countedTokens)
    }
}
