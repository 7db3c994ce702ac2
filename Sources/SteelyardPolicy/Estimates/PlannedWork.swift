/// What a request asks for, known before it is sent, as far as it decides how much to reserve.
public struct PlannedWork: Hashable, Sendable {
    /// Bytes of text and schemas; nil when the body was not read or is not text.
    public var textBytes: Int64?
    /// Bytes that are most likely media, and are counted as media, but might be text.
    public var doubtfulBytes: Int64
    /// The number of texts in the request, each limited by the model's context on its own: inputs of an embedding,
    /// prompts.
    public var inputs: Int64
    /// Token ids given in place of text.
    public var tokenIDs: Int64
    /// Pictures among the input.
    public var imageParts: Int64
    /// Files and documents among the input.
    public var fileParts: Int64
    /// Recordings among the input.
    public var audioParts: Int64
    /// Whether the provider adds input that is not in the body: a stored conversation, a remote picture, or what its
    /// own tools find.
    public var hasUnseenInput: Bool
    /// The types of the tools that the provider runs itself.
    public var hostedTools: [String]
    /// The model that the tool `image_generation` is told to use; nil when none is named.
    public var pictureModel: String?
    /// The fee of the containers that tools may start; nil when the request does not name a memory size.
    public var container: Meter?
    /// The requested length of a film; 0 for other work.
    public var filmSeconds: Int64
    /// The most tokens in each answer; nil when the request sets no limit.
    public var outputLimit: Int64?
    /// The number of answers that are generated and billed: choices or candidates, for each prompt.
    public var generations: Int64
    /// The request's `service_tier`.
    public var tier: String?
    /// Whether cache writes count as the long, dearer kind when the split is not stated.
    public var writesCacheLong: Bool

    /// Describes work. Without arguments, nothing is known about it.
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
