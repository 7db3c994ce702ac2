/// How to read an answer's bytes, from its `content-type`.
public enum AnswerForm: Sendable, Equatable {
    /// One JSON text (`application/json`); also Gemini's streams without `alt=sse`, which are one array.
    case json
    /// Server-sent events (`text/event-stream`).
    case eventStream
    /// Anything else: audio, images, plain text. Nothing is read.
    case opaque
}
