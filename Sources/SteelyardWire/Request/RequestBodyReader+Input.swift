/// What one object among messages or items says about itself.
private struct ItemFacts {
    var isToolMessage = false
    var isCallOutput = false
    var isReference = false
    var callID: QuotedText?
}

extension RequestBodyReader {
    /// Measures one member that holds what the model is to read.
    mutating func readInput(_ member: InputMember, _ bytes: Span<UInt8>) throws(BodyStop) {
        switch cursor.next(bytes) {
        case .openBracket: try readInputs(member, bytes)
        case .openBrace:
            if case .prompt = member { facts.hasStoredInput = true }
            count(1, member)
            try measure(bytes, key: .text)
        case .quote:
            count(1, member)
            let text = try cursor.string(bytes)
            count(text, under: .text, bytes)
            countCharacters(of: text, in: member, bytes)
        default: try cursor.value(bytes)
        }
    }

    /// An array: of texts, of messages or items, of token ids, or of arrays of token ids.
    private mutating func readInputs(_ member: InputMember, _ bytes: Span<UInt8>) throws(BodyStop) {
        var elementCount = 0
        var hasTokenIDs = false
        var walk = try cursor.enter(.openBracket, bytes)
        while try cursor.nextElement(bytes, &walk) {
            elementCount &+= 1
            switch cursor.next(bytes) {
            case .openBrace: try readItem(member, bytes)
            case .openBracket, .quote: try measure(bytes, key: .tokens)
            default:
                hasTokenIDs = true
                try measure(bytes, key: .tokens)
            }
        }
        count(hasTokenIDs ? 1 : elementCount, member)
    }

    /// Where `input` comes twice, the longer one is billed at most.
    private mutating func countCharacters(of text: QuotedText, in member: InputMember, _ bytes: Span<UInt8>) {
        guard countsCharacters, case .input = member else { return }
        facts.characterCount = max(facts.characterCount ?? 0, bytes.characterCount(text))
    }

    private mutating func count(_ inputs: Int, _ member: InputMember) {
        switch member {
        case .prompt: facts.promptCount = inputs
        case .input: facts.inputCount = inputs
        case .messages, .text: return
        }
    }

    /// One message or item; its own members tell whether it brings a tool's result.
    private mutating func readItem(_ member: InputMember, _ bytes: Span<UInt8>) throws(BodyStop) {
        var item = ItemFacts()
        var walk = try cursor.enter(.openBrace, bytes)
        while let key = try cursor.nextKey(bytes, &walk) {
            if cursor.next(bytes) == .quote {
                let text = try cursor.string(bytes)
                item.note(key, text, bytes)
                count(text, under: InputKey(key, bytes), bytes)
            } else {
                try measure(bytes, key: InputKey(key, bytes))
            }
        }
        noteToolResult(of: item, in: member, bytes)
        if item.isReference { facts.hasStoredInput = true }
    }

    /// Chat clients send the whole conversation again: only results at its end are new. Responses items interleave
    /// calls and outputs, so there every output counts.
    private mutating func noteToolResult(of item: ItemFacts, in member: InputMember, _ bytes: Span<UInt8>) {
        if case .messages = member, !item.isToolMessage { return facts.toolResultIDs.removeAll(keepingCapacity: true) }
        guard item.isToolMessage || item.isCallOutput else { return }
        guard let callID = item.callID, let id = bytes.string(callID) else { return }
        if facts.toolResultIDs.count == RequestBody.toolResultLimit { facts.toolResultIDs.removeFirst() }
        facts.toolResultIDs.append(id)
    }

    /// Measures a value under `key`, and all within it.
    private mutating func measure(_ bytes: Span<UInt8>, key: InputKey) throws(BodyStop) {
        switch cursor.next(bytes) {
        case .quote: count(try cursor.string(bytes), under: key, bytes)
        case .openBracket:
            var walk = try cursor.enter(.openBracket, bytes)
            while try cursor.nextElement(bytes, &walk) { try measure(bytes, key: key) }
        case .openBrace:
            var walk = try cursor.enter(.openBrace, bytes)
            while let inner = try cursor.nextKey(bytes, &walk) { try measure(bytes, key: InputKey(inner, bytes)) }
        default:
            _ = try cursor.word(bytes)
            if key == .tokens { facts.tokenIDCount &+= 1 }
        }
    }

    private mutating func count(_ text: QuotedText, under key: InputKey, _ bytes: Span<UInt8>) {
        switch key {
        case .text, .tokens: facts.textByteCount &+= text.range.count
        case .type: countPart(text, bytes)
        case .data: return
        case .location:
            if !bytes.extracting(text.range).starts(with: "data:") { facts.hasRemoteMedia = true }
        case .fileID: facts.hasRemoteMedia = true
        }
    }

    private mutating func countPart(_ type: QuotedText, _ bytes: Span<UInt8>) {
        if bytes.isText(type, "image_url") || bytes.isText(type, "input_image") || bytes.isText(type, "image") {
            facts.imageCount &+= 1
        } else if bytes.isText(type, "file") || bytes.isText(type, "input_file") || bytes.isText(type, "document") {
            facts.fileCount &+= 1
        } else if bytes.isText(type, "input_audio") {
            facts.audioCount &+= 1
        }
    }
}

/// What a string within messages, items or prompts is, by the key it stands under.
private enum InputKey {
    /// Something the model reads.
    case text
    /// The same, in an array where numbers are token ids.
    case tokens
    /// The type of a part.
    case type
    /// Media, encoded.
    case data
    /// A URL of media; `data:` URLs carry them along.
    case location
    /// The id of a file that the provider holds.
    case fileID

    init(_ key: QuotedText, _ bytes: Span<UInt8>) {
        if bytes.isText(key, "type") {
            self = .type
        } else if bytes.isText(key, "data") || bytes.isText(key, "file_data") || bytes.isText(key, "b64_json") {
            self = .data
        } else if bytes.isText(key, "url") || bytes.isText(key, "image_url") || bytes.isText(key, "file_url") {
            self = .location
        } else if bytes.isText(key, "file_id") {
            self = .fileID
        } else {
            self = .text
        }
    }
}

extension ItemFacts {
    /// Takes note of a member of the item whose value is a string.
    fileprivate mutating func note(_ key: QuotedText, _ text: QuotedText, _ bytes: Span<UInt8>) {
        if bytes.isText(key, "role") {
            isToolMessage = bytes.isText(text, "tool")
        } else if bytes.isText(key, "type") {
            isCallOutput = bytes.string(text)?.hasSuffix("_call_output") ?? false
            isReference = bytes.isText(text, "item_reference")
        } else if bytes.isText(key, "tool_call_id") || bytes.isText(key, "call_id") {
            callID = text
        }
    }
}
