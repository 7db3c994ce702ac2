/// The limits within which a metered request's JSON body is read.
public enum RequestBody {
    /// The deepest nesting that is read; bodies with deeper nesting are refused.
    public static let depthLimit = 128
    /// The most members that all objects together may have, at any depth. A million is far beyond any conversation;
    /// reading past more only costs time.
    public static let memberLimit = 1_000_000
    /// The longest text that is taken for a model name, in bytes of UTF-8.
    public static let modelLimit = 256
    /// How much a caller with other work reads at once; it takes a millisecond or two.
    public static let sliceBytes = 256 * 1024
    /// The longest other name that is kept (tiers, tool types, call ids).
    static let nameLimit = 128
    /// The longest number, in digits; Python accepts 4,300 at most.
    static let wordLimit = 4096
    /// The most kinds of tools in one request; the provider has a dozen.
    public static let hostedToolLimit = 32
    static let toolResultLimit = 64

    /// Reads a whole body at once.
    ///
    /// - Parameter countsCharacters: whether the characters of `input` are billed; they are counted only then.
    /// - Returns: what was found, or nil when the bytes are not a JSON object: such a body is for the provider to
    ///   refuse.
    public static func read(
        _ bytes: Span<UInt8>,
        countsCharacters: Bool = false
    ) throws(RequestBodyDefect) -> RequestFacts? {
        var reader = RequestBodyReader()
        reader.countsCharacters = countsCharacters
        while reader.read(bytes) {}
        return try reader.facts
    }
}
