import NIOCore

extension ResponseObject {
    /// The response as its events after number `startingAfter`, or all.
    func stream(startingAfter: Int? = nil, isReread: Bool = false) -> Answer {
        var events = ResponseEvents(directives, after: startingAfter ?? -1, capacity: 260 * text.pieceCount + 8192)
        writeStart(to: &events)
        if let failure = directives.errorMidstream, failure < pieceCount {
            for index in 0..<failure { writeDelta(index, to: &events) }
            events.write("error") { $0.append(Self.errorMembers) }
        } else {
            for index in 0..<pieceCount { writeDelta(index, to: &events) }
            writeEnd(to: &events)
        }
        return events.answer(facts: facts(isReread: isReread))
    }

    private static let errorMembers: StaticString =
        #","code":"server_error","message":"The server had an error.","param":null"#

    private var pieceCount: Int { toolCall?.pieceCount ?? text.pieceCount }

    private func writeStart(to events: inout ResponseEvents) {
        events.write("response.created") { writeMember(.inProgress, to: &$0) }
        events.write("response.in_progress") { writeMember(.inProgress, to: &$0) }
        events.write("response.output_item.added") { writeItemMember(isDone: false, to: &$0) }
        guard toolCall == nil else { return }
        events.write("response.content_part.added") { writePartMember(isDone: false, to: &$0) }
    }

    private func writeDelta(_ index: Int, to events: inout ResponseEvents) {
        events.write(toolCall == nil ? "response.output_text.delta" : "response.function_call_arguments.delta") {
            data in
            writePlace(to: &data)
            data.append(#","delta":"#)
            if let toolCall { return data.append(quoted: toolCall.piece(index)) }
            data.append("\"")
            text.write(text.piece(index), to: &data)
            data.append(#"","logprobs":[]"#)
        }
    }

    private func writeEnd(to events: inout ResponseEvents) {
        if let toolCall {
            events.write("response.function_call_arguments.done") { data in
                writePlace(to: &data)
                data.append(#","arguments":"#)
                data.append(quoted: toolCall.arguments)
            }
        } else {
            events.write("response.output_text.done") { data in
                writePlace(to: &data)
                data.append(#","logprobs":[],"text":""#)
                text.write(to: &data)
                data.append("\"")
            }
            events.write("response.content_part.done") { writePartMember(isDone: true, to: &$0) }
        }
        events.write("response.output_item.done") { writeItemMember(isDone: true, to: &$0) }
        events.write(endEvent) { writeMember(finalStatus, to: &$0) }
        if directives.usagePlacement != .never { events.markUsage() }
    }

    private var endEvent: StaticString {
        switch finalStatus {
        case .incomplete: "response.incomplete"
        case .failed: "response.failed"
        case .queued, .inProgress, .completed: "response.completed"
        }
    }

    private func writeMember(_ status: Status, to data: inout ByteBuffer) {
        data.append(#","response":"#)
        write(status, to: &data)
    }

    private func writeItemMember(isDone: Bool, to data: inout ByteBuffer) {
        data.append(#","output_index":0,"item":"#)
        writeItem(isDone: isDone, to: &data)
    }

    private func writePartMember(isDone: Bool, to data: inout ByteBuffer) {
        writePlace(to: &data)
        data.append(#","part":"#)
        writePart(isDone: isDone, to: &data)
    }

    private func writePlace(to data: inout ByteBuffer) {
        data.append(#","item_id":"#)
        data.append(quoted: itemID)
        data.append(#","output_index":0"#)
        if toolCall == nil { data.append(#","content_index":0"#) }
    }
}

/// Events with a name, a type and a sequence number. A replay counts the events that it leaves out, but does not write
/// them.
private struct ResponseEvents {
    private var writer: EventWriter
    private let after: Int
    private var sequenceNumber = 0

    init(_ directives: Directives, after: Int, capacity: Int) {
        writer = EventWriter(directives, capacity: capacity)
        self.after = after
    }

    /// Writes one event; `members` appends what follows its type and number.
    mutating func write(_ name: StaticString, _ members: (inout ByteBuffer) -> Void) {
        defer { sequenceNumber += 1 }
        guard sequenceNumber > after else { return }
        writer.write(event: name) { data in
            data.append(#"{"type":""#)
            data.append(name)
            data.append(#"","sequence_number":"#)
            data.append(sequenceNumber)
            members(&data)
            data.append("}")
        }
    }

    mutating func markUsage() { writer.markUsage() }

    func answer(facts: AnswerFacts) -> Answer { writer.answer(facts: facts) }
}
