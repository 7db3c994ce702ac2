extension EventScan {
    /// Reads the chunk further; returns false when nothing of its event will be edited any more.
    mutating func readChunk(_ bytes: Span<UInt8>, into output: inout [UInt8]) -> Bool {
        while true {
            let event = grammar.next(bytes, &position)
            if chunk.waits, isOverdue(at: event, bytes) { chunk.pass() }
            if chunk.isPassing { return false }
            switch event {
            case .windowEnd: return true
            case .key(let key): act(on: chunk.readKey(key, bytes), bytes, into: &output)
            case .value(let first): chunk.beganValue(first)
            case .element: act(on: chunk.beganElement(), bytes, into: &output)
            case .valueEnd:
                act(on: chunk.endedValue(at: position), bytes, into: &output)
                // What follows may become a null usage; what came before may leave.
                if chunk.awaitsMember { safe = position }
            case .objectEnd: chunk.endedObject()
            case .lineEnd:
                chunk.endedLine(grammar)
                endLine(bytes)
                return true
            case .broken: chunk.pass()
            }
        }
    }

    private mutating func act(on outcome: ChunkWatch.Outcome, _ bytes: Span<UInt8>, into output: inout [UInt8]) {
        if case .takeOut = outcome { takeOut(bytes, into: &output) }
    }

    /// Whether more bytes were waiting than may wait when this event appeared. The result must not depend on how the
    /// stream was cut into pieces: a key that means nothing stops waiting within its first bytes, however long it is.
    private func isOverdue(at event: ChunkGrammar.Event, _ bytes: Span<UInt8>) -> Bool {
        guard isOverdue else { return false }
        guard case .key(let key) = event, chunk.awaitsMember else { return true }
        return key.lowerBound - safe > Self.waitLimit || ChunkMember.mayMatter(bytes.extracting(key))
    }

    /// Takes the usage member out of what waits.
    mutating func takeOut(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        guard let cut = chunk.cut else { return }
        append(bytes, upTo: cut.lowerBound, to: &output)
        passed = cut.upperBound
        safe = max(safe, passed)
        chunk.tookOut()
    }
}
