/// The bounds within which a metered request's JSON body is read.
public enum RequestBody {
    /// The deepest nesting that is read; deeper bodies are refused.
    public static let depthLimit = 128
    /// The most members of objects, however deep. A million is far beyond any conversation; passing over more only
    /// costs time.
    public static let memberLimit = 1_000_000
    /// The longest model name that is one, in bytes of UTF-8.
    public static let modelLimit = 256
    /// How much is read at once by an owner that has other work: a millisecond or two.
    public static let sliceBytes = 256 * 1024
    /// The longest of other names kept (tiers, tool types, call ids).
    static let nameLimit = 128
    /// The longest number, in digits; Python takes 4,300 at most.
    static let wordLimit = 4096
    /// The most kinds of tools; the provider has a dozen.
    public static let hostedToolLimit = 32
    static let toolResultLimit = 64

    /// Reads a whole body at once.
    ///
    /// - Parameter countsCharacters: whether the characters of `input` are billed, which are counted only then.
    /// - Returns: what was found, or nil when the bytes are no JSON object: such a body is the provider's to refuse.
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
