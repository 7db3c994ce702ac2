/// The events that end an answer, by their `type` or `event:` name.
enum AnswerEnding {
    private static let names: [StaticString] = [
        "response.completed", "response.incomplete", "response.failed", "response.cancelled", "error",
        "image_generation.completed", "image_edit.completed", "transcript.text.done", "speech.audio.done",
        "message_stop", "done",
        "thread.run.completed", "thread.run.incomplete", "thread.run.failed", "thread.run.cancelled",
        "thread.run.expired",
    ]

    /// Whether an event of this name is the last.
    static func isNamed(_ name: [UInt8]) -> Bool { names.contains { AnswerText.areEqual(name, $0) } }

    /// The events of a response that say that the text of a message, or a call, is complete.
    private static let partNames: [StaticString] = [
        "response.output_text.done", "response.refusal.done",
        "response.function_call_arguments.done", "response.custom_tool_call_input.done",
    ]

    /// Whether an event of this name says that a part of the output is complete.
    static func endsPart(_ name: [UInt8]) -> Bool { partNames.contains { AnswerText.areEqual(name, $0) } }
}
