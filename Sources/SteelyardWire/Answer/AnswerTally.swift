/// Gathers the facts of an answer from the tokens of its JSON texts.
struct AnswerTally: Sendable {
    private static let finishReasonLimit = 8
    /// OpenAI allows 128 choices.
    static let choiceLimit = 128
    private static let svgUsageLimit = 16

    var form: AnswerForm
    /// How many choices, or images, the request asked for.
    private let choices: Int
    private var event = AnswerEvent()
    /// How often a text of an event, or what it is about, was set. As long as that stands still, an event that begins as
    /// an earlier one did has said the same.
    private var settingCount = 0

    private var id = AnswerText()
    private var object = AnswerText()
    private var model = AnswerText()
    private var status = AnswerText()
    private var serviceTier = AnswerText()
    private var usage = UsageReading()
    /// The last usage that each choice stated.
    private var choiceUsages: [ChoiceUsage] = []
    private var toolUsage: ToolUsageReading?
    private var toolSettings: HostedToolSettings?
    private var svgUsages: [ModelUsage] = []
    private var dataEntryCount = 0
    private var durationMicroseconds: Int64?
    /// Items from a final list, and items that came one by one. A stream sends each item both ways.
    private var listedItems = OutputItemCounts()
    private var streamedItems = OutputItemCounts()
    private var toolCalls = ToolCallLog()
    private var finishReasons: [[UInt8]] = []
    /// One bit per choice index.
    private var finishedChoices: UInt128 = 0
    /// The same bits for the choices that appeared at all.
    private var seenChoices: UInt128 = 0
    private var finishedPictureCount = 0
    private var error: AnswerError?
    private var closedOutputByteCount = 0

    private(set) var contentEventCount = 0
    /// Whether sound or pictures were among the output.
    private var hasMediaOutput = false
    /// Whether an event has said that a part of a response, other than a thought, is complete.
    private(set) var hasEndedPart = false
    /// Whether an event has said that the answer is over.
    var isFinished = false

    init(form: AnswerForm, choices: Int) {
        self.form = form
        self.choices = choices
    }

    /// The bytes of generated text, including those of the event being read.
    var outputByteCount: Int { closedOutputByteCount &+ event.outputByteCount }

    /// Whether the choices that were asked for have finished, or a part of a response has. A provider that does not know
    /// `n` answers once, so no more are expected than have appeared.
    var hasEndedOutput: Bool {
        hasEndedPart || finishedChoices.nonzeroBitCount >= max(1, min(choices, seenChoices.nonzeroBitCount))
    }

    /// Whether a usage object with any number in it has been taken.
    var hasUsage: Bool { !usage.isEmpty || choiceUsages.contains { !$0.usage.isEmpty } }

    /// The facts so far, without those that only the reader knows.
    var facts: AnswerFacts {
        var facts = AnswerFacts()
        facts.id = id.string
        facts.model = model.string
        facts.serviceTier = serviceTier.string
        facts.objectType = object.string
        facts.status = status.string
        facts.usage = statedUsage
        facts.toolUsage = toolUsage
        facts.toolSettings = toolSettings
        facts.svgUsages = svgUsages
        facts.dataEntryCount = dataEntryCount
        facts.durationMicroseconds = durationMicroseconds
        facts.outputItems = listedItems
        facts.outputItems.formUnion(streamedItems)
        facts.finishReasons = finishReasons.map { String(decoding: $0, as: UTF8.self) }
        facts.finishedChoiceCount = finishedChoices.nonzeroBitCount
        facts.toolCalls = toolCalls.calls
        facts.error = error
        facts.outputByteCount = outputByteCount
        facts.contentEventCount = contentEventCount
        facts.hasMediaOutput = hasMediaOutput
        facts.isFinished = isFinished
        return facts
    }
}

// MARK: - Openings

extension AnswerTally {
    /// What the meter knew at some place of an event.
    struct Opening: Sendable {
        fileprivate var said: AnswerEvent.Opening
        fileprivate var settingCount: Int
    }

    /// What the event has said so far; nil if it is more than the beginning of an ordinary chunk.
    var opening: Opening? { event.opening.map { Opening(said: $0, settingCount: settingCount) } }

    /// Whether an event that begins with the same bytes has said the same.
    func stillKnows(_ opening: Opening) -> Bool { opening.settingCount == settingCount }

    /// Takes what was said in the same words before.
    mutating func take(_ opening: Opening) { event.take(opening.said) }
}

// MARK: - Tokens

extension AnswerTally {
    /// Takes a string or number.
    mutating func take(_ text: Span<UInt8>, at position: AnswerPosition) {
        event.isOpen = true
        settingCount &+= 1
        switch position {
        case .id: event.id.set(text)
        case .object: event.object.set(text)
        case .model: event.model.set(text)
        case .status: event.status.set(text)
        case .serviceTier: event.serviceTier.set(text)
        case .eventType: event.type.set(text)
        case .choiceIndex: event.choice.index = min(Self.count(text), Self.choiceLimit - 1)
        case .finishReason: takeFinishReason(text)
        case .incompleteReason: keepFinishReason(text)
        case .callIndex: event.call.index = Self.count(text)
        case .callType: event.call.type.set(text)
        case .callID: event.call.id.set(text)
        case .callName: event.call.name.set(text)
        case .callContainer: event.call.container.set(text)
        case .callAction: event.call.action.set(text)
        case .callStatus: event.call.status.set(text)
        case .duration: takeDuration(text)
        case .toolType: event.tool.type.set(text)
        case .toolModel: event.tool.model.set(text)
        case .toolContainer: event.tool.container.set(text)
        case .toolEnvironment: event.tool.environment.set(text)
        case .toolMemory: event.tool.memory.set(text)
        case .error, .errorType, .errorCode: takeError(text, at: position)
        case .rootCode: event.rootCode.set(text)
        default: break
        }
    }

    /// Takes the size of a piece of a string.
    mutating func take(byteCount: Int, at position: AnswerPosition) {
        event.isOpen = true
        switch position {
        case .text: event.outputByteCount &+= byteCount
        case .wholeText where form == .json: event.outputByteCount &+= byteCount
        case .media:
            event.hasOtherOutput = true
            hasMediaOutput = true
        case .transcript:
            event.outputByteCount &+= byteCount
            hasMediaOutput = true
        case .errorText: event.hasError = event.hasError || byteCount > 0
        default: break
        }
    }

    /// Takes an object as it was written. The caller gets another array back, to write the next object into.
    mutating func take(verbatim object: inout [UInt8], at position: AnswerPosition) {
        event.isOpen = true
        switch position {
        case .usage:
            event.hasUsage = true
            swap(&event.usage, &object)
        case .nestedUsage: usage.merge(&object)
        case .choiceUsage:
            event.hasChoiceUsage = true
            swap(&event.choiceUsage, &object)
        case .toolUsage:
            var reading = toolUsage ?? ToolUsageReading()
            reading.replace(&object)
            toolUsage = reading
        case .svgUsage where event.svgUsages.count < Self.svgUsageLimit:
            event.svgUsages.append(ModelUsage(&object))
        default: break
        }
    }

    /// An announced object began.
    mutating func began(_ position: AnswerPosition) {
        event.isOpen = true
        switch position {
        case .choice:
            event.hasChoices = true
            event.choice = AnswerChoice()
        case .tool: event.tool.clear()
        case .dataEntry: event.dataEntryCount &+= 1
        // The members of an error decide whether it is an error.
        case .error, .root: break
        default:
            settingCount &+= 1
            event.call.clear()
        }
    }

    /// An announced object ended.
    mutating func ended(_ position: AnswerPosition) {
        switch position {
        case .choice: endChoice()
        case .chatCall, .legacyCall, .candidateCall: endCall()
        case .contentBlock: if event.call.type.equals("tool_use") { endCall() }
        case .outputItem: endOutputItem()
        case .streamedItem: event.item = event.call
        case .tool: endTool()
        default: break
        }
    }

    private mutating func takeDuration(_ text: Span<UInt8>) {
        guard let number = JSONNumber(text)?.scaled(byDigits: UsageField.duration.digits) else { return }
        durationMicroseconds = min(max(number, 0), UsageReading.maximumCount)
    }

    private static func count(_ text: Span<UInt8>) -> Int {
        let number = JSONNumber(text)?.scaled() ?? 0
        return Int(min(max(number, 0), 1_000_000))
    }
}

// MARK: - Choices and calls

extension AnswerTally {
    private mutating func takeFinishReason(_ reason: Span<UInt8>) {
        guard reason.count > 0 else { return }
        event.choice.hasFinishReason = true
        keepFinishReason(reason)
    }

    private mutating func keepFinishReason(_ reason: Span<UInt8>) {
        guard reason.count > 0, finishReasons.count < Self.finishReasonLimit else { return }
        guard !finishReasons.contains(where: { ByteSearch.areEqual($0.span, reason) }) else { return }
        finishReasons.append(reason.withUnsafeBufferPointer { Array($0) })
    }

    private mutating func endChoice() {
        let bit: UInt128 = 1 &<< UInt128(event.choice.index)
        seenChoices |= bit
        if event.choice.hasFinishReason { finishedChoices |= bit }
        event.choice.hasFinishReason = false
        keepChoiceUsage()
    }

    private mutating func keepChoiceUsage() {
        guard event.hasChoiceUsage else { return }
        event.hasChoiceUsage = false
        let index = event.choice.index
        let place = choiceUsages.firstIndex { $0.index == index } ?? choiceUsages.count
        if place == choiceUsages.count { choiceUsages.append(ChoiceUsage(index: index)) }
        choiceUsages[place].usage.merge(&event.choiceUsage)
    }

    /// The answer's own usage. If it has none, or only zeros, the usage of its choices.
    private var statedUsage: UsageReading? {
        if !choiceUsages.isEmpty, !usage.countsTokens {
            let joined = UsageReading(ofChoices: choiceUsages.map(\.usage))
            if usage.isEmpty || joined.countsTokens { return joined.isEmpty ? nil : joined }
        }
        return usage.isEmpty ? nil : usage
    }

    private mutating func endCall() {
        let call = event.call
        if !call.name.isEmpty { event.hasOtherOutput = true }
        toolCalls.take(id: call.id, name: call.name, choice: event.choice.index, index: call.index)
    }

    private mutating func endOutputItem() {
        let call = event.call
        if let kind = OutputItemKind(call.type) {
            event.outputItems = event.outputItems ?? OutputItemCounts()
            event.outputItems?.add(kind, call)
        }
        takeItemCall(call)
    }

    /// A response repeats the request's tools. Where the request left a setting open, it states what the provider
    /// chose.
    private mutating func endTool() {
        guard !event.tool.isClientsOwn else { return }
        var settings = event.toolSettings ?? HostedToolSettings()
        settings.take(event.tool.hostedTool)
        event.toolSettings = settings
    }

    /// Only these two types are calls that name a tool and that the application answers.
    private mutating func takeItemCall(_ item: AnswerCall) {
        guard item.type.equals("function_call") || item.type.equals("custom_tool_call") else { return }
        toolCalls.take(id: item.id, name: item.name, choice: 0, index: nil)
    }
}

// MARK: - The end of an event

extension AnswerTally {
    /// Evaluates what the event said and prepares for the next event. `isWhole` is false when the event's JSON was cut
    /// short: what was read of it still counts, but it can't be the end of the answer.
    mutating func endEvent(named name: [UInt8], isWhole: Bool) {
        guard event.isOpen else { return }
        keepChoiceUsage()
        notePart()
        if !isForeign { takeHead() }
        takeError()
        takeItem()
        takeOutput()
        if isWhole, form == .eventStream, isLast(named: name) { isFinished = true }
        event.clear()
    }

    /// Another part may follow a part that is complete.
    private mutating func notePart() {
        guard !event.type.isEmpty else { return }
        if AnswerEnding.endsPart(event.type.bytes) {
            hasEndedPart = true
        } else if event.outputByteCount > 0 || event.hasOtherOutput || event.type.equals("response.output_item.added") {
            hasEndedPart = false
        }
    }

    /// Whether the event is about something inside the answer. The steps and messages of an assistants' run have their
    /// own ids and states; the steps also have their own share of the usage.
    private var isForeign: Bool { event.object.starts(with: "thread") && !event.object.equals("thread.run") }

    private mutating func takeHead() {
        id.update(from: event.id)
        object.update(from: event.object)
        model.update(from: event.model)
        status.update(from: event.status)
        serviceTier.update(from: event.serviceTier)
        if event.hasUsage { usage.merge(&event.usage) }
    }

    /// Takes an error that is a string or number, or an error's type or code. The text is not kept: it may quote the
    /// prompt. Empty text and `0` mean that there is no error, as null does in the `error` of a healthy fine-tuning
    /// job.
    private mutating func takeError(_ text: Span<UInt8>, at position: AnswerPosition) {
        switch position {
        case .errorType: event.errorType.set(text)
        case .errorCode: event.errorCode.set(text)
        default: break
        }
        let saysNothing = text.count == 0 || text.count == 1 && text[0] == UInt8(ascii: "0")
        event.hasError = event.hasError || !saysNothing
    }

    private mutating func takeError() {
        if event.type.equals("error") { event.hasError = true }
        guard event.hasError, error == nil else { return }
        let code = event.errorCode.string ?? (event.type.equals("error") ? event.rootCode.string : nil)
        error = AnswerError(type: event.errorType.string, code: code)
    }

    private mutating func takeItem() {
        if let settings = event.toolSettings { toolSettings = settings }
        if !event.svgUsages.isEmpty { svgUsages = event.svgUsages }
        dataEntryCount = max(dataEntryCount, event.dataEntryCount)
        if let listed = event.outputItems { listedItems.formUnion(listed) }
        guard let item = event.item else { return }
        takeItemCall(item)
        guard event.type.equals("response.output_item.done"), let kind = OutputItemKind(item.type) else { return }
        streamedItems.add(kind, item)
    }

    private mutating func takeOutput() {
        // Here `delta` is base64 of audio, not text.
        if event.type.equals("response.audio.delta") || event.type.equals("response.output_audio.delta") {
            event.hasOtherOutput = event.outputByteCount > 0
            hasMediaOutput = hasMediaOutput || event.hasOtherOutput
            event.outputByteCount = 0
        }
        if event.outputByteCount > 0 || event.hasOtherOutput { contentEventCount &+= 1 }
        closedOutputByteCount &+= event.outputByteCount
        // A reason outside any choice (Anthropic's stop_reason) ends the only one.
        if event.choice.hasFinishReason { finishedChoices |= 1 }
    }

    private mutating func isLast(named name: [UInt8]) -> Bool {
        if event.hasError { return true }
        if event.type.equals("image_generation.completed") || event.type.equals("image_edit.completed") {
            // One event per image.
            finishedPictureCount &+= 1
            return finishedPictureCount >= choices
        }
        if !event.type.isEmpty { return AnswerEnding.isNamed(event.type.bytes) }
        if !name.isEmpty { return AnswerEnding.isNamed(name) }
        return isExtraUsageChunk
    }

    /// The chunk that `include_usage` adds. Some relays send chunks with only usage before the last content. So first
    /// as many choices must have finished as the request asked for, and every choice that appeared.
    private var isExtraUsageChunk: Bool {
        event.hasUsage && !event.hasChoices && choicesHaveFinished && !isForeign
    }

    private var choicesHaveFinished: Bool {
        finishedChoices.nonzeroBitCount >= max(1, choices, seenChoices.nonzeroBitCount)
    }
}

/// The usage that one choice states.
private struct ChoiceUsage: Sendable {
    var index: Int
    var usage = UsageReading()
}
