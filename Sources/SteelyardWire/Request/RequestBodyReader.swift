/// Why the reader stops reading a body.
enum BodyStop: Error {
    /// These bytes are not a JSON value.
    case notJSON
    /// They may be JSON, but are refused.
    case defect(RequestBodyDefect)

    init(_ failure: JSONFailure) {
        self =
            switch failure {
            case .invalid: .notJSON
            case .tooDeep: .defect(.tooDeep)
            case .endlessWord: .defect(.endlessNumber)
            }
    }
}

/// Reads a metered request's JSON body in one pass, from front to back, while it arrives. It keeps only what it finds.
public struct RequestBodyReader: Sendable {
    /// What an open container is read as.
    enum Context: Sendable {
        case root
        /// An array of texts, of messages or items, of token ids, or of arrays of token ids.
        case inputs
        /// One message or item.
        case item
        /// An array within the input; its strings are read as this.
        case parts(InputKey)
        /// An object within the input; its strings are read as their keys say.
        case part
        case tools
        case tool
        /// Within a tool: the container in which the tool runs.
        case container
        case streamOptions
        case promptCacheOptions
        /// Nothing in it matters.
        case passed
    }

    var found = RequestFacts()
    var injection = UsageInjection()
    var media = MediaCounts()
    /// The tool that is being read.
    var tool = HostedTool()
    /// Whether to count the characters of `input`. This is useful only where they are billed.
    public var countsCharacters = false
    /// A long value that is still being read.
    var weighing: DenseText?
    /// The member of the root that is being read; nil when it decides nothing.
    private(set) var member: ActedOnMember?
    /// The array of inputs that is being read, and the message or item in it.
    var inputs = InputCounts()
    var item = ItemFacts()
    /// The key before the value that comes next.
    private(set) var key = QuotedText(range: 0..<0, isEscaped: false)
    private var cursor = JSONCursor()
    private var contexts = InlineArray<129, Context>(repeating: .passed)
    private var seen: ActedOnMembers = []
    private var memberStart = 0
    private var keyCount = 0
    private var stop: BodyStop?

    /// Begins at the first byte of a body.
    public init() {}

    /// Reads on, at most ``RequestBody/sliceBytes``; returns false when everything that has arrived is read.
    ///
    /// - Parameter bytes: the whole body so far; bytes that were passed before must not change.
    public mutating func read(_ bytes: Span<UInt8>) -> Bool {
        let end = min(bytes.count, (weighing?.position ?? cursor.position) + RequestBody.sliceBytes)
        guard stop == nil else { return false }
        do throws(BodyStop) { try readOn(bytes.extracting(first: end)) } catch { stop = error }
        return stop == nil && end < bytes.count
    }

    /// What the body says, after all of it has been read; nil when it is not a JSON object.
    public var facts: RequestFacts? {
        get throws(RequestBodyDefect) {
            if case .defect(let defect) = stop { throw defect }
            guard stop == nil, cursor.isOver else { return nil }
            var facts = found
            facts.imageCount &+= media.unexplained(facts)
            facts.usageAsk = injection.ask
            return facts
        }
    }

    private mutating func readOn(_ bytes: Span<UInt8>) throws(BodyStop) {
        guard cursor.skipMark(bytes) else { return }
        while weighDenseText(bytes), let event = try nextEvent(bytes) { try take(event, bytes) }
    }

    private mutating func nextEvent(_ bytes: Span<UInt8>) throws(BodyStop) -> JSONEvent? {
        do throws(JSONFailure) { return try cursor.next(bytes) } catch { throw BodyStop(error) }
    }

    private mutating func take(_ event: JSONEvent, _ bytes: Span<UInt8>) throws(BodyStop) {
        switch event {
        case .key(let key): try take(key: key, bytes)
        case .string(let text): try take(text, bytes)
        case .word(let range): try take(word: range, bytes)
        case .opened(let start, let isObject): try opened(at: start, isObject: isObject, bytes)
        case .closed: closed(bytes)
        }
    }

    /// Notes a member, which may come only once.
    private mutating func note(_ member: ActedOnMember) throws(BodyStop) {
        guard seen.insert(ActedOnMembers(member)).inserted else { throw .defect(.ambiguous(member)) }
    }
}

// MARK: - Keys and scalars

extension RequestBodyReader {
    private mutating func take(key: QuotedText, _ bytes: Span<UInt8>) throws(BodyStop) {
        keyCount &+= 1
        guard keyCount <= RequestBody.memberLimit else { throw .defect(.tooManyMembers) }
        self.key = key
        switch contexts[cursor.depth] {
        case .root:
            member = ActedOnMember(key, bytes)
            if let member { try note(member) }
        case .streamOptions:
            injection.options.receivedKey()
            if bytes.isText(key, "include_usage") { try note(.includeUsage) }
        case .promptCacheOptions: if bytes.isText(key, "ttl") { try note(.ttl) }
        default: break
        }
    }

    private mutating func take(_ text: QuotedText, _ bytes: Span<UInt8>) throws(BodyStop) {
        switch contexts[cursor.depth] {
        case .root: if let member { try take(member, text, bytes) }
        case .inputs:
            inputs.received(isNumber: false)
            weigh(text, as: .text, bytes)
        case .item:
            item.note(key, text, bytes)
            weigh(text, as: InputKey(key, bytes), bytes)
        case .parts(let key): weighPart(text, as: key, bytes)
        case .part: weighPart(text, as: InputKey(key, bytes), bytes)
        case .tool: try takeTool(text, bytes)
        case .container: takeContainer(text, bytes)
        case .streamOptions: try takeOption(nil, bytes)
        case .promptCacheOptions: if bytes.isText(key, "ttl") { found.promptCacheTTL = bytes.string(text) }
        case .tools, .passed: break
        }
    }

    private mutating func weighPart(_ text: QuotedText, as key: InputKey, _ bytes: Span<UInt8>) {
        item.hasContent = item.hasContent || key != .type && !text.range.isEmpty
        weigh(text, as: key, bytes)
    }

    private mutating func take(word: Range<Int>, _ bytes: Span<UInt8>) throws(BodyStop) {
        switch contexts[cursor.depth] {
        case .root: if let member { try take(member, word: word, bytes) }
        case .inputs:
            inputs.received(isNumber: bytes[word.lowerBound].isJSONNumberStart)
            found.tokenIDCount &+= 1
        case .parts(.tokens): found.tokenIDCount &+= 1
        case .streamOptions: try takeOption(word, bytes)
        default: break
        }
    }

    /// Takes the value of an option; nil when the value is not a word.
    private mutating func takeOption(_ word: Range<Int>?, _ bytes: Span<UInt8>) throws(BodyStop) {
        guard bytes.isText(key, "include_usage") else { return }
        guard let word else { throw .defect(.mistyped(.includeUsage)) }
        let value = bytes.extracting(word)
        if value.isExactly("true") {
            injection.options = .other
        } else if value.isExactly("false") || value.isExactly("null") {
            injection.options = .refused(word)
        } else {
            throw .defect(.mistyped(.includeUsage))
        }
    }
}

// MARK: - Members of the root

extension RequestBodyReader {
    private mutating func take(_ member: ActedOnMember, _ text: QuotedText, _ bytes: Span<UInt8>) throws(BodyStop) {
        switch member {
        case .model:
            found.model = bytes.string(text, limit: RequestBody.modelLimit)
            found.hasOversizedModel = found.model == nil
        case .serviceTier: found.serviceTier = bytes.string(text)
        case .stream, .streamOptions, .n, .bestOf, .background: throw .defect(.mistyped(member))
        case .maxTokens, .maxCompletionTokens, .maxOutputTokens: found.outputCaps.note(.max, of: member)
        case .messages, .input, .prompt:
            count(1)
            weigh(text, as: .text, bytes)
            if countsCharacters, member == .input { found.characterCount = bytes.characterCount(text) }
        case .instructions, .suffix, .thread, .additionalInstructions, .additionalMessages, .toolOutputs:
            weigh(text, as: .text, bytes)
        case .images, .mask, .inputReference: weigh(text, as: .location, bytes)
        case .functions, .responseFormat, .text, .tools: found.schemaByteCount &+= text.range.count &+ 2
        case .webSearchOptions: try noteHostedTool("web_search")
        case .previousResponseID, .conversation, .assistantID: found.hasStoredInput = true
        case .seconds: found.seconds = bytes.extracting(text.range).wholeNumber?.value
        case .promptCacheOptions, .size, .quality, .includeUsage, .ttl: break
        }
    }

    private mutating func take(
        _ member: ActedOnMember,
        word: Range<Int>,
        _ bytes: Span<UInt8>
    ) throws(BodyStop) {
        let value = bytes.extracting(word)
        if value.isExactly("null") {
            if member == .streamOptions { injection.options = .null(word) }
            return
        }
        switch member {
        case .stream:
            found.streams = try truth(value)
            injection.streamEnd = found.streams ? word.upperBound : nil
        case .background: found.isBackground = try truth(value)
        case .n: found.choiceCount = try count(value)
        case .bestOf: found.candidateCount = try count(value)
        case .maxTokens, .maxCompletionTokens, .maxOutputTokens: found.outputCaps.note(value.outputCap, of: member)
        case .seconds: found.seconds = value.wholeNumber?.value
        case .model, .serviceTier, .streamOptions: throw .defect(.mistyped(member))
        case .webSearchOptions: try noteHostedTool("web_search")
        case .previousResponseID, .conversation, .assistantID: found.hasStoredInput = true
        case .functions, .responseFormat, .text, .tools: found.schemaByteCount &+= word.count
        default: break
        }
    }

    private func truth(_ value: Span<UInt8>) throws(BodyStop) -> Bool {
        if value.isExactly("true") { return true }
        guard value.isExactly("false") else { throw .defect(.mistyped(member ?? .stream)) }
        return false
    }

    private func count(_ value: Span<UInt8>) throws(BodyStop) -> Int64 {
        guard let number = value.wholeNumber, number.isExact else { throw .defect(.mistyped(member ?? .n)) }
        return number.value
    }

    /// Sets how many inputs or prompts were read.
    private mutating func count(_ inputs: Int) {
        if member == .prompt { found.promptCount = inputs }
        if member == .input { found.inputCount = inputs }
    }
}

// MARK: - Containers

extension RequestBodyReader {
    private mutating func opened(at start: Int, isObject: Bool, _ bytes: Span<UInt8>) throws(BodyStop) {
        let depth = cursor.depth
        switch contexts[depth &- 1] {
        case _ where depth == 1:
            guard isObject else { throw .notJSON }
            contexts[1] = .root
        case .root:
            memberStart = start
            contexts[depth] = try openedMember(at: start, isObject: isObject)
        case .inputs: contexts[depth] = openedInput(isObject: isObject)
        case .item:
            // Chat: the audio of an earlier answer, given by its id.
            if member == .messages, bytes.isText(key, "audio") { found.hasStoredInput = true }
            contexts[depth] = isObject ? .part : .parts(InputKey(key, bytes))
        case .part: contexts[depth] = isObject ? .part : .parts(InputKey(key, bytes))
        case .parts(let key): contexts[depth] = isObject ? .part : .parts(key)
        case .tools: contexts[depth] = isObject ? beganTool() : .passed
        case .tool: contexts[depth] = openedInTool(isObject: isObject, bytes)
        case .streamOptions:
            try takeOption(nil, bytes)
            contexts[depth] = .passed
        case .container, .promptCacheOptions, .passed: contexts[depth] = .passed
        }
    }

    private mutating func beganTool() -> Context {
        tool = HostedTool()
        return .tool
    }

    private mutating func openedInput(isObject: Bool) -> Context {
        inputs.received(isNumber: false)
        guard isObject else { return .parts(.tokens) }
        item = ItemFacts()
        return .item
    }

    private mutating func openedMember(at start: Int, isObject: Bool) throws(BodyStop) -> Context {
        switch member {
        case nil, .size, .quality, .seconds, .includeUsage, .ttl: return .passed
        case .model, .serviceTier, .stream, .background, .n, .bestOf: throw .defect(.mistyped(member ?? .model))
        case .maxTokens, .maxCompletionTokens, .maxOutputTokens:
            if let member { found.outputCaps.note(.max, of: member) }
            return .passed
        case .messages, .input, .prompt: return openedInputs(isObject: isObject)
        case .instructions, .suffix, .thread, .additionalInstructions, .additionalMessages, .toolOutputs:
            return isObject ? .part : .parts(.text)
        case .images, .mask, .inputReference: return isObject ? .part : .parts(.location)
        case .tools: return isObject ? beganTool() : .tools
        case .functions, .responseFormat, .text: return .passed
        case .webSearchOptions:
            try noteHostedTool("web_search")
            return .passed
        case .previousResponseID, .conversation, .assistantID:
            found.hasStoredInput = true
            return .passed
        case .promptCacheOptions: return isObject ? .promptCacheOptions : .passed
        case .streamOptions:
            guard isObject else { throw .defect(.mistyped(.streamOptions)) }
            injection.options = .object(start: start &+ 1, isEmpty: true)
            return .streamOptions
        }
    }

    private mutating func openedInputs(isObject: Bool) -> Context {
        inputs = InputCounts()
        guard isObject else { return .inputs }
        // Responses: a prompt that the provider has stored, with its variables.
        if member == .prompt { found.hasStoredInput = true }
        count(1)
        return .part
    }

    private mutating func closed(_ bytes: Span<UInt8>) {
        switch contexts[cursor.depth &+ 1] {
        case .item: endItem(bytes)
        case .tool: endTool()
        default: break
        }
        guard cursor.depth == 1 else { return }
        if case .inputs = contexts[2] { count(inputs.billedCount) }
        switch member {
        case .tools, .functions, .responseFormat, .text:
            found.schemaByteCount &+= cursor.position &- memberStart
        default: break
        }
    }
}

extension UsageInjection.Options {
    /// Notes that the object has a member.
    fileprivate mutating func receivedKey() {
        if case .object(let start, isEmpty: true) = self { self = .object(start: start, isEmpty: false) }
    }
}

extension Span<UInt8> {
    /// The text that a JSON string stands for, unless it is longer than `limit` bytes of UTF-8.
    func string(_ text: QuotedText, limit: Int = RequestBody.nameLimit) -> String? {
        // The longest spelling of a byte is \u00XX.
        guard text.range.count <= 6 * limit else { return nil }
        let meaning = text.isEscaped ? unescaped(text.range) : extracting(text.range).bytesArray
        return meaning.count <= limit ? String(decoding: meaning, as: UTF8.self) : nil
    }
}
