import NIOCore

extension ChatCompletion {
    /// The answer as chunks.
    func stream() -> Answer {
        var events = EventWriter(directives, capacity: 320 * (pieceCount + 4) * choiceCount + text.byteCount)
        let start = chunkStart()
        if directives.azureFilters { writePromptFilter(to: &events) }
        for index in 0..<choiceCount { writeRole(index, start, to: &events) }
        var sentTokens = 0
        for piece in 0..<pieceCount {
            if piece == directives.errorMidstream { return broken(&events) }
            for index in 0..<choiceCount { writePiece(piece, index, sentTokens, start, to: &events) }
            sentTokens += 1
        }
        if pieceCount == directives.errorMidstream { return broken(&events) }
        for index in 0..<choiceCount { writeFinish(index, start, to: &events) }
        if directives.azureFilters { writeLateFilter(start, to: &events) }
        if hasUsageChunk { writeUsageChunk(start, to: &events) }
        if !directives.noDone { events.write { $0.append("[DONE]") } }
        return events.answer(facts: facts)
    }

    private var pieceCount: Int { toolCall?.pieceCount ?? text.pieceCount }
    private var hasUsageChunk: Bool { directives.usagePlacement == .asked && asksForUsage }

    /// The members that all chunks start with.
    private func chunkStart() -> ByteBuffer {
        var start = ByteBuffer()
        start.append(#"{"id":"#)
        start.append(quoted: id)
        start.append(#","object":"chat.completion.chunk","created":1760000000,"model":"#)
        start.append(quoted: model)
        start.append(#","service_tier":"#)
        start.append(quoted: tier)
        start.append(#","system_fingerprint":"fp_simulator","choices":["#)
        return start
    }

    private func writeRole(_ index: Int, _ start: ByteBuffer, to events: inout EventWriter) {
        events.write { chunk in
            openChoice(index, start, in: &chunk)
            chunk.append(#""role":"assistant","content":"#)
            if let toolCall {
                chunk.append(#"null,"tool_calls":[{"index":0,"id":"#)
                chunk.append(quoted: toolCall.id)
                chunk.append(#","type":"function","function":{"name":"#)
                chunk.append(quoted: toolCall.name)
                chunk.append(#","arguments":""}}]"#)
            } else {
                chunk.append(#""""#)
            }
            chunk.append(#","refusal":null"#)
            closeChoice(finish: nil, usage: .running(0), salt: 0, in: &chunk)
        }
    }

    private func writePiece(
        _ piece: Int,
        _ index: Int,
        _ sentTokens: Int,
        _ start: ByteBuffer,
        to events: inout EventWriter
    ) {
        events.write { chunk in
            openChoice(index, start, in: &chunk)
            if let toolCall {
                chunk.append(#""tool_calls":[{"index":0,"function":{"arguments":"#)
                chunk.append(quoted: toolCall.piece(piece))
                chunk.append("}}]")
            } else {
                chunk.append(#""content":""#)
                text.write(text.piece(piece), to: &chunk)
                chunk.append("\"")
            }
            closeChoice(finish: nil, usage: .running((sentTokens + 1) * choiceCount), salt: piece + 1, in: &chunk)
        }
    }

    private func writeFinish(_ index: Int, _ start: ByteBuffer, to events: inout EventWriter) {
        let isLast = index == choiceCount - 1
        events.write { chunk in
            openChoice(index, start, in: &chunk)
            closeChoice(finish: finishReason, usage: isLast ? .final : .running(0), salt: pieceCount + 1, in: &chunk)
        }
        if isLast, hasUsageBesideContent { events.markUsage() }
    }

    private func writeUsageChunk(_ start: ByteBuffer, to events: inout EventWriter) {
        events.write { chunk in
            chunk.writeImmutableBuffer(start)
            chunk.append("]")
            usage.writeMember(to: &chunk)
            appendObfuscation(salt: -1, to: &chunk)
            chunk.append("}")
        }
        events.markUsage()
    }
}

extension ChatCompletion {
    /// Which usage a chunk has, if chunks have usage.
    private enum ChunkUsage {
        case running(Int)
        case final
    }

    private func openChoice(_ index: Int, _ start: ByteBuffer, in chunk: inout ByteBuffer) {
        chunk.writeImmutableBuffer(start)
        chunk.append(#"{"index":"#)
        chunk.append(index)
        chunk.append(#","delta":{"#)
    }

    private func closeChoice(finish: String?, usage part: ChunkUsage, salt: Int, in chunk: inout ByteBuffer) {
        chunk.append(#"},"logprobs":null,"finish_reason":"#)
        chunk.append(quotedOrNull: finish)
        if directives.azureFilters {
            chunk.append(",")
            chunk.append(AzureFilters.choice)
        }
        chunk.append("}]")
        appendUsage(part, to: &chunk)
        if finish == nil { appendObfuscation(salt: salt, to: &chunk) }
        chunk.append("}")
    }

    private func appendUsage(_ part: ChunkUsage, to chunk: inout ByteBuffer) {
        switch (directives.usagePlacement, part) {
        case (.asked, _):
            if asksForUsage { chunk.append(#","usage":null"#) }
        case (.besideContent, .final), (.everyChunk, .final):
            usage.writeMember(to: &chunk)
        case (.everyChunk, .running(let tokens)):
            usage.soFar(outputTokens: tokens).writeMember(to: &chunk)
        case (.besideContent, .running), (.never, _): break
        }
    }

    /// Random letters that hide the length of a delta from anyone who sees only the sizes of encrypted packets.
    private func appendObfuscation(salt: Int, to chunk: inout ByteBuffer) {
        guard hasObfuscation else { return }
        let word = (obfuscationSeed ^ UInt64(truncatingIfNeeded: salt)) &* 0x9E37_79B9_7F4A_7C15
        chunk.append(#","obfuscation":""#)
        for position in 0..<Int(word >> 60) {
            chunk.writeInteger(UInt8(ascii: "a") + UInt8(truncatingIfNeeded: word >> UInt64(3 * position)) % 26)
        }
        chunk.append("\"")
    }

    /// Azure's first chunk: no choice, no model, only the result for the prompt.
    private func writePromptFilter(to events: inout EventWriter) {
        events.write { chunk in
            chunk.append(#"{"choices":[],"created":0,"id":"","model":"","object":"","#)
            chunk.append(AzureFilters.prompt)
            if asksForUsage { chunk.append(#","usage":null"#) }
            chunk.append("}")
        }
    }

    /// Asynchronous filtering reports its results after the finish reason.
    private func writeLateFilter(_ start: ByteBuffer, to events: inout EventWriter) {
        events.write { chunk in
            chunk.writeImmutableBuffer(start)
            chunk.append(#"{"index":0,"finish_reason":null,"#)
            chunk.append(AzureFilters.choice)
            chunk.append(",")
            chunk.append(AzureFilters.offsets)
            chunk.append("}]")
            appendUsage(.running(0), to: &chunk)
            chunk.append("}")
        }
    }

    /// An error instead of a chunk, and nothing after it: the status line already said 200.
    private func broken(_ events: inout EventWriter) -> Answer {
        events.write { chunk in
            chunk.append(
                errorMessage: "The server had an error while processing your request.",
                type: directives.errorType ?? "server_error",
                param: nil,
                code: directives.errorCode
            )
        }
        return events.answer(facts: facts)
    }
}

extension Usage {
    /// Running totals in the middle of a stream; a dictated usage has no middle, so it is repeated.
    fileprivate func soFar(outputTokens: Int) -> Usage {
        var usage = self
        usage.outputTokens = min(outputTokens, self.outputTokens)
        usage.reasoningTokens = 0
        return usage
    }
}
