/// What one pass over a metered request's body found: what it asks for, what its answer may cost, and the edit that
/// makes the answer state its usage. Counts are of what was sent, not of what a provider will make of it.
public struct RequestFacts: Sendable, Equatable {
    /// The model asked for, unescaped; nil when absent, not a string, or longer than ``RequestBody/modelLimit``.
    public internal(set) var model: String?
    /// Whether the request names a model that is too long to be one.
    public internal(set) var hasOversizedModel = false
    /// Whether `stream` is `true`.
    public internal(set) var streams = false
    /// What the request says about the most tokens its answer may have.
    public internal(set) var outputCaps = OutputCaps()
    /// `n`: how many choices each prompt gets. Nil when absent; saturates.
    public internal(set) var choiceCount: Int64?
    /// `best_of`: how many candidates are generated (and billed) for each prompt. Nil when absent; saturates.
    public internal(set) var candidateCount: Int64?
    /// How many prompts `prompt` holds: 1 for text or one array of token ids, else the elements of the array.
    public internal(set) var promptCount = 0
    /// How many inputs `input` holds, counted the same way.
    public internal(set) var inputCount = 0
    /// The service tier asked for; the tier that the answer names counts.
    public internal(set) var serviceTier: String?
    /// Whether `background` is `true`: the usage comes with a later read.
    public internal(set) var isBackground = false
    /// `prompt_cache_options.ttl`, which can decide the rate of cache writes.
    public internal(set) var promptCacheTTL: String?
    /// Whether the provider adds input that is not in the body: `previous_response_id`, `conversation`, a stored
    /// `prompt`, an assistant, or a reference to a stored item.
    public internal(set) var hasStoredInput = false
    /// The types of tools that the provider runs itself (anything but `function` and `custom`), each once.
    public internal(set) var hostedTools: [String] = []
    /// The settings of those tools that decide what they cost.
    public internal(set) var toolSettings = HostedToolSettings()
    /// The characters of `input`, in Unicode code points; nil when it is not a text, or was not to be counted.
    public internal(set) var characterCount: Int?
    /// How long a video shall be, in `seconds`; nil unless it is a number ≥ 0, or text with such a number.
    public internal(set) var seconds: Int64?
    /// Content parts that are images.
    public internal(set) var imageCount = 0
    /// Content parts that are files or documents.
    public internal(set) var fileCount = 0
    /// Content parts that are audio.
    public internal(set) var audioCount = 0
    /// Whether a part is given by URL or file id, so that its size cannot be seen here.
    public internal(set) var hasRemoteMedia = false
    /// The bytes of all strings under `messages`, `input`, `prompt`, `suffix` and `instructions`, escapes as sent,
    /// without those that carry media.
    public internal(set) var textByteCount = 0
    /// The bytes of long values that were taken for media although their keys do not say so; at worst they are text.
    public internal(set) var doubtfulByteCount = 0
    /// The bytes of tool definitions and output schemas as sent, which are input too.
    public internal(set) var schemaByteCount = 0
    /// Token ids sent in place of text.
    public internal(set) var tokenIDCount = 0
    /// The calls whose results this request brings: the run of `tool` messages at the end of `messages`, or all call
    /// outputs in `input`; the last 64, in their order.
    public internal(set) var toolResultIDs: [String] = []
    /// What to do so that the streamed answer of a chat or legacy completion brings its usage.
    public internal(set) var usageAsk = UsageAsk.notStreaming
}
