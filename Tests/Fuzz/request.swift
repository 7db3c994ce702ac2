import SteelyardWire

/// The requests of a client connection, with a limit that short inputs reach.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    input.expectSameAtEverySplit(read)
    return 0
}

private enum Event: Equatable {
    case head(String, HeaderFields, RequestHeadFacts)
    case body([UInt8])
    case end
    case refused(RequestDefect)
}

private func read(_ pieces: [[UInt8]]) -> [Event] {
    var reader = HTTPRequestReader(headLimitBytes: 512)
    var events: [Event] = []
    var rest: [UInt8] = []
    for piece in pieces {
        rest += piece
        var position = 0
        while let event = next(&reader, rest, &position) {
            if case .refused = event { return events + [event] }
            append(event, to: &events)
        }
        rest.removeFirst(position)
    }
    return events
}

private func next(_ reader: inout HTTPRequestReader, _ bytes: [UInt8], _ position: inout Int) -> Event? {
    do throws(RequestDefect) {
        switch try reader.read(bytes.span, at: &position) {
        case .more: return nil
        case .head(let head): return .head("\(head.method) \(head.target)", head.fields, head.facts)
        case .body(let range):
            precondition(!range.isEmpty, "an empty piece")
            return .body(Array(bytes[range]))
        case .end: return .end
        }
    } catch { return .refused(error) }
}

private func append(_ event: Event, to events: inout [Event]) {
    if case .body(let piece) = event, case .body(let before) = events.last {
        events[events.count - 1] = .body(before + piece)
    } else {
        events.append(event)
    }
}
