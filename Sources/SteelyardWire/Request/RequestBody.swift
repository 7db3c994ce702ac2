/// The reader of a metered route's JSON body: one pass from front to back, nothing kept but what is found.
public enum RequestBody {
    /// The deepest nesting that is read; deeper bodies are refused.
    public static let depthLimit = 128
    /// The longest model name that is one, in bytes of UTF-8.
    public static let modelLimit = 256
    /// The longest of other names kept (tiers, tool types, call ids).
    static let nameLimit = 128
    static let hostedToolLimit = 16
    static let toolResultLimit = 64

    /// Reads a whole body.
    ///
    /// - Parameter countsCharacters: whether the characters of `input` are billed, which are counted only then.
    /// - Returns: what was found, or nil when the bytes are no JSON object: such a body is the provider's to refuse.
    public static func read(
        _ bytes: Span<UInt8>,
        countsCharacters: Bool = false
    ) throws(RequestBodyDefect) -> RequestFacts? {
        var reader = RequestBodyReader()
        reader.countsCharacters = countsCharacters
        do {
            try reader.read(bytes)
            return reader.facts
        } catch {
            switch error {
            case .notJSON: return nil
            case .defect(let defect): throw defect
            }
        }
    }
}

/// The state of one pass.
struct RequestBodyReader {
    var facts = RequestFacts()
    var cursor = JSONCursor()
    var countsCharacters = false
    private var injection = UsageInjection()
    private var seen = ActedOnMembers()

    mutating func read(_ bytes: Span<UInt8>) throws(BodyStop) {
        // A byte order mark is no JSON, but Python's parser skips it.
        if bytes.starts(with: "\u{FEFF}") { cursor.position = 3 }
        var walk = try cursor.enter(.openBrace, bytes)
        while let key = try cursor.nextKey(bytes, &walk) { try readMember(key, bytes) }
        guard cursor.next(bytes) == nil else { throw .notJSON }
        facts.usageAsk = injection.ask
    }

    private mutating func readMember(_ key: QuotedText, _ bytes: Span<UInt8>) throws(BodyStop) {
        switch TopLevelMember(key, bytes) {
        case .actedOn(let member):
            try note(member)
            try read(member, bytes)
        case .input(let input): try readInput(input, bytes)
        case .schema: facts.schemaByteCount &+= try cursor.value(bytes).count
        case .tools: try readTools(bytes)
        case .webSearchOptions: try readWebSearch(bytes)
        case .serviceTier: facts.serviceTier = try readName(bytes)
        case .background: facts.isBackground = try readTrue(bytes)
        case .promptCacheOptions: try readPromptCache(bytes)
        case .storedInput: try readStoredInput(bytes)
        case .seconds: facts.seconds = try readNumber(bytes)
        case .other: try cursor.value(bytes)
        }
    }

    private mutating func note(_ member: ActedOnMember) throws(BodyStop) {
        guard seen.insert(ActedOnMembers(member)).inserted else { throw .defect(.ambiguous(member)) }
    }

    private mutating func read(_ member: ActedOnMember, _ bytes: Span<UInt8>) throws(BodyStop) {
        switch member {
        case .model: try readModel(bytes)
        case .stream:
            facts.streams = try readTrue(bytes)
            injection.streamEnd = facts.streams ? cursor.position : nil
        case .streamOptions: injection.options = try readStreamOptions(bytes)
        case .n: facts.choiceCount = try readCount(bytes)
        case .bestOf: facts.candidateCount = try readCount(bytes)
        case .maxTokens, .maxCompletionTokens, .maxOutputTokens:
            guard let limit = try readCount(bytes) else { return }
            facts.outputLimit = max(facts.outputLimit ?? 0, limit)
        case .includeUsage: try cursor.value(bytes)
        }
    }
}

extension RequestBodyReader {
    private mutating func readModel(_ bytes: Span<UInt8>) throws(BodyStop) {
        guard let text = try readString(bytes) else { return }
        facts.model = bytes.string(text, limit: RequestBody.modelLimit)
        facts.hasOversizedModel = facts.model == nil
    }

    private mutating func readStreamOptions(_ bytes: Span<UInt8>) throws(BodyStop) -> UsageInjection.Options {
        guard cursor.next(bytes) == .openBrace else {
            let range = try cursor.value(bytes)
            return bytes.extracting(range).isExactly("null") ? .null(range) : .other
        }
        var walk = try cursor.enter(.openBrace, bytes)
        let start = cursor.position
        var options = UsageInjection.Options.object(start: start, isEmpty: true)
        while let key = try cursor.nextKey(bytes, &walk) {
            if case .object = options { options = .object(start: start, isEmpty: false) }
            guard bytes.isText(key, "include_usage") else {
                try cursor.value(bytes)
                continue
            }
            try note(.includeUsage)
            let range = try cursor.value(bytes)
            let value = bytes.extracting(range)
            options = value.isExactly("false") || value.isExactly("null") ? .refused(range) : .other
        }
        return options
    }

    /// Chat's own way to ask for a search: a member instead of a tool.
    private mutating func readWebSearch(_ bytes: Span<UInt8>) throws(BodyStop) {
        let range = try cursor.value(bytes)
        if !bytes.extracting(range).isExactly("null") { noteHostedTool("web_search") }
    }

    private mutating func readPromptCache(_ bytes: Span<UInt8>) throws(BodyStop) {
        guard cursor.next(bytes) == .openBrace else {
            try cursor.value(bytes)
            return
        }
        var walk = try cursor.enter(.openBrace, bytes)
        while let key = try cursor.nextKey(bytes, &walk) {
            if bytes.isText(key, "ttl") {
                facts.promptCacheTTL = try readName(bytes)
            } else {
                try cursor.value(bytes)
            }
        }
    }

    private mutating func readStoredInput(_ bytes: Span<UInt8>) throws(BodyStop) {
        let range = try cursor.value(bytes)
        if !bytes.extracting(range).isExactly("null") { facts.hasStoredInput = true }
    }
}

extension RequestBodyReader {
    /// Consumes a value and gives it if it is a string; otherwise nothing is given.
    mutating func readString(_ bytes: Span<UInt8>) throws(BodyStop) -> QuotedText? {
        guard cursor.next(bytes) == .quote else {
            try cursor.value(bytes)
            return nil
        }
        return try cursor.string(bytes)
    }

    mutating func readName(_ bytes: Span<UInt8>) throws(BodyStop) -> String? {
        try readString(bytes).flatMap { bytes.string($0) }
    }

    private mutating func readTrue(_ bytes: Span<UInt8>) throws(BodyStop) -> Bool {
        bytes.extracting(try cursor.value(bytes)).isExactly("true")
    }

    /// A number, or text that is one.
    private mutating func readNumber(_ bytes: Span<UInt8>) throws(BodyStop) -> Int64? {
        guard cursor.next(bytes) == .quote else { return try readCount(bytes) }
        return bytes.extracting(try cursor.string(bytes).range).wholeNumber
    }

    private mutating func readCount(_ bytes: Span<UInt8>) throws(BodyStop) -> Int64? {
        bytes.extracting(try cursor.value(bytes)).wholeNumber
    }
}

extension Span<UInt8> {
    /// The text a JSON string means, unless it is longer than `limit` bytes of UTF-8.
    func string(_ text: QuotedText, limit: Int = RequestBody.nameLimit) -> String? {
        // The longest spelling of a byte is \u00XX.
        guard text.range.count <= 6 * limit else { return nil }
        let meaning = text.isEscaped ? unescaped(text.range) : extracting(text.range).bytesArray
        return meaning.count <= limit ? String(decoding: meaning, as: UTF8.self) : nil
    }
}
