/// What one event, or one plain answer, has said so far.
///
/// Members may come in any order, and what an event means may depend on a late one (`object`, `type`). So the members
/// are collected here and evaluated when the event is over.
struct AnswerEvent: Sendable {
    var id = AnswerText()
    var object = AnswerText()
    var model = AnswerText()
    var status = AnswerText()
    var serviceTier = AnswerText()
    var type = AnswerText()
    var errorType = AnswerText()
    var errorCode = AnswerText()
    var rootCode = AnswerText()
    /// `usage` at the root. The usage of an assistants' step must not be taken for the usage of the run.
    var usage: [UInt8] = []
    /// `usage` in the choice being read; the choice's index may come after it.
    var choiceUsage: [UInt8] = []

    /// Whether anything was read since `clear()`.
    var isOpen = false
    var hasUsage = false
    var hasChoiceUsage = false
    var hasChoices = false
    /// Whether the event states an error. An error that is null, empty, or has only empty members does not count.
    var hasError = false
    /// Output that is not text: audio, an image, the name of a tool.
    var hasOtherOutput = false
    var outputByteCount = 0

    var choice = AnswerChoice()
    var call = AnswerCall()
    /// The item of `response.output_item.added` and `.done`.
    var item: AnswerCall?
    /// The entries of `output`; `nil` when there were none, so that most events need no counting.
    var outputItems: OutputItemCounts?
    /// The entry of `tools` being read, and those before it; `nil` when there were none.
    var tool = AnswerTool()
    var toolSettings: HostedToolSettings?
    var svgUsages: [ModelUsage] = []
    var dataEntryCount = 0

    /// Prepares for the next event. The texts keep their bytes, since the next event usually repeats them.
    mutating func clear() {
        id.clear()
        object.clear()
        model.clear()
        status.clear()
        serviceTier.clear()
        type.clear()
        errorType.clear()
        errorCode.clear()
        rootCode.clear()
        isOpen = false
        hasUsage = false
        hasChoiceUsage = false
        hasChoices = false
        hasError = false
        hasOtherOutput = false
        outputByteCount = 0
        choice = AnswerChoice()
        item = nil
        outputItems = nil
        toolSettings = nil
        svgUsages.removeAll()
        dataEntryCount = 0
    }
}

extension AnswerEvent {
    /// What an event has said before its first text: which of the short texts were set, and its choice.
    struct Opening: Sendable {
        fileprivate var areSet: (id: Bool, object: Bool, model: Bool, status: Bool, serviceTier: Bool, type: Bool)
        fileprivate var hasChoices: Bool
        fileprivate var choice: AnswerChoice
    }

    /// What was said so far; nil if it is more than an `Opening` can hold.
    var opening: Opening? {
        guard !hasUsage, !hasChoiceUsage, !hasError, !hasOtherOutput, outputByteCount == 0, dataEntryCount == 0 else {
            return nil
        }
        guard item == nil, outputItems == nil, toolSettings == nil, svgUsages.isEmpty else { return nil }
        guard !errorType.isSet, !errorCode.isSet, !rootCode.isSet else { return nil }
        return Opening(
            areSet: (id.isSet, object.isSet, model.isSet, status.isSet, serviceTier.isSet, type.isSet),
            hasChoices: hasChoices,
            choice: choice
        )
    }

    /// Takes what an earlier event said. The texts still have its bytes.
    mutating func take(_ opening: Opening) {
        isOpen = true
        if opening.areSet.id { id.setAgain() }
        if opening.areSet.object { object.setAgain() }
        if opening.areSet.model { model.setAgain() }
        if opening.areSet.status { status.setAgain() }
        if opening.areSet.serviceTier { serviceTier.setAgain() }
        if opening.areSet.type { type.setAgain() }
        hasChoices = opening.hasChoices
        choice = opening.choice
    }
}

/// The choice being read.
struct AnswerChoice: Sendable {
    /// `index`, at most 127: OpenAI allows 128 choices.
    var index = 0
    var hasFinishReason = false
}

/// The tool call or output item being read.
struct AnswerCall: Sendable {
    var type = AnswerText()
    var id = AnswerText()
    var name = AnswerText()
    var container = AnswerText()
    var action = AnswerText()
    var status = AnswerText()
    var index: Int?

    mutating func clear() {
        type.clear()
        id.clear()
        name.clear()
        container.clear()
        action.clear()
        status.clear()
        index = nil
    }
}

/// The entry of `tools` being read.
struct AnswerTool: Sendable {
    var type = AnswerText()
    var model = AnswerText()
    var container = AnswerText()
    var environment = AnswerText()
    var memory = AnswerText()

    mutating func clear() {
        type.clear()
        model.clear()
        container.clear()
        environment.clear()
        memory.clear()
    }

    /// Whether the client runs the tool.
    var isClientsOwn: Bool { type.isEmpty || type.equals("function") || type.equals("custom") }

    var hostedTool: HostedTool {
        HostedTool(
            type: type.string ?? "",
            model: model.string,
            hasContainerID: !container.isEmpty,
            environment: environment.string,
            memory: memory.string
        )
    }
}
