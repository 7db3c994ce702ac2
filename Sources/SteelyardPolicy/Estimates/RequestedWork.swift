/// What a request asked for, as far as its cost can be estimated from it when no usage comes.
public struct RequestedWork: Hashable, Sendable {
    /// Bytes of text and schemas; nil when the body was not read, or is no text.
    public var textBytes: Int64?
    /// Input that is known in tokens: ids given in place of text, and pictures.
    public var countedTokens: Int64
    /// The most tokens that may be generated, over all choices; nil for no bound.
    public var outputLimit: Int64?
    /// Whether cache writes without a stated split are the long, dearer ones.
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
    /// The input as it is estimated for a team and model; at least one token.
    public func inputTokens(team: String, model: String, estimates: TokenEstimates) -> Int64 {
        estimates.inputTokens(bytes: textBytes ?? 0, team: team, model: model).addingClamped(countedTokens)
    }
}
