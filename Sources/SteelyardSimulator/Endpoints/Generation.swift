import NIOCore

/// What the answers of all generating requests have in common: id, model and text.
struct Generation: Sendable {
    let directives: Directives
    let id: String
    let model: String
    let text: AnswerText
    /// Whether the text is as long as the request allows.
    let isCapped: Bool

    /// `capTokens` is the request's output limit.
    init(
        _ request: SimulatedRequest,
        model requested: String,
        idPrefix: StaticString,
        capTokens: Int?,
        _ provider: SimulatedProvider
    ) {
        directives = request.directives
        id = directives.id ?? provider.newID(idPrefix)
        model = directives.answerModel ?? requested
        let text = AnswerText(bytes: directives.bytes, events: directives.events, capTokens: capTokens)
        self.text = text
        isCapped = capTokens.map { text.tokens >= $0 } ?? false
    }
}

/// An answer of a generating endpoint, in its own shape.
protocol Generated {
    var generation: Generation { get }
    var usage: Usage { get }
}

extension Generated {
    var directives: Directives { generation.directives }
    var id: String { generation.id }
    var model: String { generation.model }
    var text: AnswerText { generation.text }
    /// The tier that served the request, if this kind of answer names one.
    var tier: String { directives.tier ?? "default" }

    /// Whether a stream has usage on chunks with content, requested or not.
    var hasUsageBesideContent: Bool {
        directives.usagePlacement == .besideContent || directives.usagePlacement == .everyChunk
    }

    /// The body of a plain answer before its first member.
    func startOfBody(capacity: Int) -> ByteBuffer {
        var body = ByteBufferAllocator().buffer(capacity: capacity)
        for _ in 0..<directives.leadingNewlines { body.append("\n") }
        return body
    }
}
