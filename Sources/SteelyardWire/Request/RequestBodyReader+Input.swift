/// Counts the inputs in an array.
struct InputCounts: Sendable {
    private var elementCount = 0
    private var hasNumbersOnly = true

    mutating func received(isNumber: Bool) {
        elementCount &+= 1
        hasNumbersOnly = hasNumbersOnly && isNumber
    }

    /// How many inputs are answered and billed. Numbers alone are the token ids of one text. Servers read a mixture
    /// either way; the larger count costs more, so it is taken.
    var billedCount: Int { hasNumbersOnly ? min(elementCount, 1) : elementCount }
}

/// What one object among messages or items says about itself.
struct ItemFacts: Sendable {
    private(set) var isToolMessage = false
    private(set) var isCallOutput = false
    private(set) var callID: QuotedText?
    private var isReference = false
    private var hasID = false
    private var hasType = false
    private var hasRole = false
    /// Whether the object has anything for the model to read.
    var hasContent = false

    /// Whether the provider has stored what the item stands for. That is so if the item says so, or if it has an id and
    /// nothing else to read. The `type` of a reference may be left out (OpenAI's OpenAPI document 2.3.0,
    /// `ItemReferenceParam`), and a picture or a piece of reasoning may be given by its id alone.
    var isStored: Bool { isReference || hasID && (!hasContent || !hasType && !hasRole) }

    /// Notes a member of the item whose value is a string.
    mutating func note(_ key: QuotedText, _ text: QuotedText, _ bytes: Span<UInt8>) {
        if bytes.isText(key, "role") {
            hasRole = true
            isToolMessage = bytes.isText(text, "tool")
        } else if bytes.isText(key, "type") {
            hasType = true
            isCallOutput = bytes.string(text)?.hasSuffix("_call_output") ?? false
            isReference = isReference || bytes.isText(text, "item_reference")
        } else if bytes.isText(key, "id") {
            hasID = true
        } else if bytes.isText(key, "tool_call_id") || bytes.isText(key, "call_id") {
            callID = text
        } else if !bytes.isText(key, "status") {
            hasContent = hasContent || !text.range.isEmpty
        }
    }
}

// MARK: - Items

extension RequestBodyReader {
    mutating func endItem(_ bytes: Span<UInt8>) {
        if member == .input, item.isStored { found.hasStoredInput = true }
        noteToolResult(bytes)
    }

    /// Chat clients send the whole conversation again, so only results at its end are new. Responses items mix calls
    /// and outputs, so there every output counts.
    private mutating func noteToolResult(_ bytes: Span<UInt8>) {
        if member == .messages, !item.isToolMessage { return found.toolResultIDs.removeAll(keepingCapacity: true) }
        guard item.isToolMessage || item.isCallOutput else { return }
        guard let callID = item.callID, let id = bytes.string(callID) else { return }
        if found.toolResultIDs.count == RequestBody.toolResultLimit { found.toolResultIDs.removeFirst() }
        found.toolResultIDs.append(id)
    }
}

// MARK: - What there is to read

extension RequestBodyReader {
    /// Counts a string in the input as what it is.
    mutating func weigh(_ text: QuotedText, as key: InputKey, _ bytes: Span<UInt8>) {
        switch key {
        case .text, .tokens: countText(text.range.count)
        case .type: countPart(text, bytes)
        case .data: weighing = DenseText(text, isListed: true)
        case .unlisted:
            if text.range.count < DenseText.leastBytes {
                countText(text.range.count)
            } else {
                weighing = DenseText(text, isListed: false)
            }
        case .location: countLocation(text, bytes)
        case .fileID: countRemote()
        }
    }

    private mutating func countText(_ byteCount: Int) { found.textByteCount &+= byteCount }

    private mutating func countLocation(_ text: QuotedText, _ bytes: Span<UInt8>) {
        if bytes.extracting(text.range).starts(with: "data:") { media.inline &+= 1 } else { countRemote() }
    }

    private mutating func countRemote() {
        media.remote &+= 1
        found.hasRemoteMedia = true
    }

    private mutating func countPart(_ type: QuotedText, _ bytes: Span<UInt8>) {
        if bytes.isText(type, "image_url") || bytes.isText(type, "input_image") || bytes.isText(type, "image") {
            found.imageCount &+= 1
        } else if bytes.isText(type, "file") || bytes.isText(type, "input_file") || bytes.isText(type, "document") {
            found.fileCount &+= 1
        } else if bytes.isText(type, "input_audio") {
            found.audioCount &+= 1
        }
    }

    /// Reads a long value further, as far as it has arrived; returns false when there is more of it.
    mutating func weighDenseText(_ bytes: Span<UInt8>) -> Bool {
        guard var text = weighing else { return true }
        guard let isDense = text.look(bytes) else {
            weighing = text
            return false
        }
        weighing = nil
        count(text, isDense: isDense, bytes)
        return true
    }

    private mutating func count(_ text: DenseText, isDense: Bool, _ bytes: Span<UInt8>) {
        guard isDense, let kind = text.isListed ? .picture : text.mediaKind(bytes) else {
            return countText(text.text.range.count)
        }
        guard !text.isListed else { return media.inline &+= 1 }
        found.doubtfulByteCount &+= text.text.range.count
        if kind == .picture { found.imageCount &+= 1 } else { found.fileCount &+= 1 }
    }
}
