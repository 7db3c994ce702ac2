/// What a request asks for before it is sent, as far as it decides what to set aside for it.
public struct PlannedWork: Hashable, Sendable {
    /// Bytes of text and schemas; nil when the body was not read, or is no text.
    public var textBytes: Int64?
    /// Bytes of what is most likely media and counted as such, but might be text.
    public var doubtfulBytes: Int64
    /// How many texts the request brings, each within the model's context by itself: inputs of an embedding, prompts.
    public var inputs: Int64
    /// Token ids given in place of text.
    public var tokenIDs: Int64
    /// Pictures among the input.
    public var imageParts: Int64
    /// Files and documents among the input.
    public var fileParts: Int64
    /// Recordings among the input.
    public var audioParts: Int64
    /// Whether the provider adds input that is not in the body: a stored conversation, a remote picture, what its own
    /// tools find.
    public var hasUnseenInput: Bool
    /// The types of the tools that the provider runs itself.
    public var hostedTools: [String]
    /// The model that the tool `image_generation` is asked to use; nil when none is named.
    public var pictureModel: String?
    /// The fee of the containers that tools may start; nil when none is asked for by its memory.
    public var container: Meter?
    /// How long a film is to be; 0 for other work.
    public var filmSeconds: Int64
    /// The most tokens that each answer may have; nil for no bound of the request's own.
    public var outputLimit: Int64?
    /// How many answers are generated, and billed: choices or candidates, for each prompt.
    public var generations: Int64
    /// The request's `service_tier`.
    public var tier: String?
    /// Whether cache writes without a stated split are the long, dearer ones.
    public var writesCacheLong: Bool

    /// Describes work; without arguments, nothing is known of it.
    public init(
        textBytes: Int64? = nil,
        doubtfulBytes: Int64 = 0,
        inputs: Int64 = 1,
        tokenIDs: Int64 = 0,
        imageParts: Int64 = 0,
        fileParts: Int64 = 0,
        audioParts: Int64 = 0,
        hasUnseenInput: Bool = false,
        hostedTools: [String] = [],
        pictureModel: String? = nil,
        container: Meter? = nil,
        filmSeconds: Int64 = 0,
        outputLimit: Int64? = nil,
        generations: Int64 = 1,
        tier: String? = nil,
        writesCacheLong: Bool = false
    ) {
        self.textBytes = textBytes
        self.doubtfulBytes = doubtfulBytes
        self.inputs = inputs
        self.tokenIDs = tokenIDs
        self.imageParts = imageParts
        self.fileParts = fileParts
        self.audioParts = audioParts
        self.hasUnseenInput = hasUnseenInput
        self.hostedTools = hostedTools
        self.pictureModel = pictureModel
        self.container = container
        self.filmSeconds = filmSeconds
        self.outputLimit = outputLimit
        self.generations = generations
        self.tier = tier
        self.writesCacheLong = writesCacheLong
    }
}
