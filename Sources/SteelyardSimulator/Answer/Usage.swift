import NIOCore

/// How the simulator counts: **four bytes are one token, rounded up**. Input: the bytes of the JSON value with the
/// prompt (`messages`, `input`, `prompt`) as sent, including brackets. Output: the bytes of the text or of the tool
/// arguments.
enum TokenRule {
    static func tokens(bytes: Int) -> Int { (bytes + 3) / 4 }
}

/// The usage in an answer.
struct Usage: Sendable {
    /// Which members the usage object has.
    enum Shape {
        case completion, response, embedding, audioTokens, audioSeconds, image
    }

    var shape: Shape
    var inputTokens = 0
    var outputTokens = 0
    var cachedTokens = 0
    var reasoningTokens = 0
    /// The whole object as the request dictated it; the numbers above are then not used.
    var dictated: String?

    /// The object's JSON text.
    var text: String {
        var buffer = ByteBuffer()
        write(to: &buffer)
        return String(buffer: buffer)
    }

    /// Appends the object.
    func write(to buffer: inout ByteBuffer) {
        if let dictated { return buffer.append(verbatim: dictated) }
        switch shape {
        case .completion: writeCompletion(to: &buffer)
        case .response: writeResponse(to: &buffer)
        case .embedding: writeEmbedding(to: &buffer)
        case .audioTokens: writeAudioTokens(to: &buffer)
        case .audioSeconds: buffer.append(#"{"type":"duration","seconds":3}"#)
        case .image: writeImage(to: &buffer)
        }
    }

    /// Appends the object as a member after others.
    func writeMember(to buffer: inout ByteBuffer) {
        buffer.append(#","usage":"#)
        write(to: &buffer)
    }

    private func writeCompletion(to buffer: inout ByteBuffer) {
        buffer.append(#"{"prompt_tokens":"#)
        buffer.append(inputTokens)
        buffer.append(#","completion_tokens":"#)
        buffer.append(outputTokens)
        buffer.append(#","total_tokens":"#)
        buffer.append(inputTokens + outputTokens)
        buffer.append(#","prompt_tokens_details":{"cached_tokens":"#)
        buffer.append(cachedTokens)
        buffer.append(#","audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":"#)
        buffer.append(reasoningTokens)
        buffer.append(#","audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#)
    }

    private func writeResponse(to buffer: inout ByteBuffer) {
        buffer.append(#"{"input_tokens":"#)
        buffer.append(inputTokens)
        buffer.append(#","input_tokens_details":{"cached_tokens":"#)
        buffer.append(cachedTokens)
        buffer.append(#"},"output_tokens":"#)
        buffer.append(outputTokens)
        buffer.append(#","output_tokens_details":{"reasoning_tokens":"#)
        buffer.append(reasoningTokens)
        buffer.append(#"},"total_tokens":"#)
        buffer.append(inputTokens + outputTokens)
        buffer.append("}")
    }

    private func writeEmbedding(to buffer: inout ByteBuffer) {
        buffer.append(#"{"prompt_tokens":"#)
        buffer.append(inputTokens)
        buffer.append(#","total_tokens":"#)
        buffer.append(inputTokens)
        buffer.append("}")
    }

    /// The details member is singular here (OpenAI's transcription schema).
    private func writeAudioTokens(to buffer: inout ByteBuffer) {
        buffer.append(#"{"type":"tokens","input_tokens":"#)
        buffer.append(inputTokens)
        buffer.append(#","input_token_details":{"text_tokens":0,"audio_tokens":"#)
        buffer.append(inputTokens)
        buffer.append("}")
        writeOutputAndTotal(to: &buffer)
    }

    private func writeImage(to buffer: inout ByteBuffer) {
        buffer.append(#"{"input_tokens":"#)
        buffer.append(inputTokens)
        buffer.append(#","input_tokens_details":{"text_tokens":"#)
        buffer.append(inputTokens)
        buffer.append(#","image_tokens":0}"#)
        writeOutputAndTotal(to: &buffer)
    }

    private func writeOutputAndTotal(to buffer: inout ByteBuffer) {
        buffer.append(#","output_tokens":"#)
        buffer.append(outputTokens)
        buffer.append(#","total_tokens":"#)
        buffer.append(inputTokens + outputTokens)
        buffer.append("}")
    }
}

extension Directives {
    /// The usage that answers show; nil if they must not show any.
    func shown(_ usage: Usage) -> Usage? { usagePlacement == .never ? nil : usage }
}
