/// What a provider's answer said, as far as it was read.
public struct AnswerFacts: Sendable, Equatable {
    /// The answer's id (`chatcmpl-…`, `resp_…`). By it, a repeated read of the same answer is recognised.
    public var id: String?
    /// The model that answered; `nil` when the answer names none (images, audio, compacted responses).
    public var model: String?
    /// The tier that served the request; it decides which price applies.
    public var serviceTier: String?
    /// `object` of the answer (`chat.completion`, `response`, `thread.run`, …).
    public var objectType: String?
    /// `status` of a response or run (`queued`, `in_progress`, `completed`, …).
    public var status: String?
    /// What was used; `nil` when no usage object came.
    public var usage: UsageReading?
    /// What hosted tools used in addition to `usage`; `nil` when the answer doesn't say.
    public var toolUsage: ToolUsageReading?
    /// What authoring drawings took in addition to `usage` and `toolUsage`. Each has the rates of its own model.
    public var svgUsages: [ModelUsage] = []
    /// The length of the sound or film that the answer is about (`duration`, `seconds`); `nil` when it doesn't say.
    public var durationMicroseconds: Int64?
    /// How many entries `data` has; at an images endpoint, these are the pictures.
    public var dataEntryCount = 0
    /// The settings of the hosted tools as the answer repeats them; `nil` when it doesn't.
    public var toolSettings: HostedToolSettings?
    /// The output items that really ran, by type.
    public var outputItems = OutputItemCounts()
    /// The reasons given for ending, without repetition, in order; the first eight.
    public var finishReasons: [String] = []
    /// How many choices have given a reason for ending.
    public var finishedChoiceCount = 0
    /// The tool calls asked for, in order; the first 64.
    public var toolCalls: [ToolCall] = []
    /// The error the answer states; `nil` when it states none.
    public var error: AnswerError?
    /// The UTF-8 bytes of generated text: content, visible reasoning, refusals, arguments of tool calls. Base64 of
    /// audio and images does not count. In streams only deltas count, not the whole texts repeated at the end.
    public var outputByteCount = 0
    /// Whether any output was sound or a picture. Text bytes do not measure the size of these.
    public var hasMediaOutput = false
    /// How many events (of plain JSON: objects) carried generated output. The first one ends the time to first token.
    public var contentEventCount = 0
    /// How many events had data that was not readable JSON. The reader skips them and reads on.
    public var unreadableEventCount = 0
    /// Whether the semantic end has been read; see `AnswerWalk.isFinished`.
    public var isFinished = false
    /// Why reading stopped before the end; `nil` when it did not.
    public var gaveUp: AnswerFailure?

    /// Makes the facts of an answer before any of it has been read.
    public init() {}
}

/// A tool call that the model asked the application to make.
public struct ToolCall: Sendable, Equatable {
    /// The id that the request with the call's result will name; empty when the provider gives none.
    public var id: String
    /// The tool's name.
    public var name: String

    /// Makes a call of `name`.
    public init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}

/// An error stated inside an answer. Its message is not kept: it may quote the prompt or a key.
public struct AnswerError: Sendable, Equatable {
    /// `error.type`.
    public var type: String?
    /// `error.code`; an integer (OpenRouter) as its digits.
    public var code: String?

    /// Makes an error from its parts.
    public init(type: String?, code: String?) {
        self.type = type
        self.code = code
    }
}

/// Why an answer, or a part of it, could not be read.
public enum AnswerFailure: Sendable, Equatable {
    /// A plain answer is not JSON.
    case invalidJSON
    /// A plain answer nests deeper than 1,024 containers.
    case nestedTooDeep
    /// A usage object was longer than 16 KiB and was left out; the rest was read.
    case usageTooLong
}
