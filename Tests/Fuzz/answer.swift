import SteelyardWire

/// An answer of a provider, to its end or to the end of the connection.
///
/// Options: bit 0 whether the request was HEAD, bit 1 whether the connection ends cleanly.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard let input = FuzzInput(start, count) else { return 0 }
    input.expectSameAtEverySplit { read($0, options: input.options) }
    return 0
}

private enum Event: Equatable {
    case interim(Int)
    case head(AnswerHead)
    case body([UInt8])
    case end(keepsAlive: Bool)
    case connectionEnd(HTTPAnswerReader.End)
    case refused(AnswerDefect)
}

private func read(_ pieces: [[UInt8]], options: UInt8) -> [Event] {
    var reader = HTTPAnswerReader(answersHEAD: options & 1 != 0)
    var events: [Event] = []
    var rest: [UInt8] = []
    for piece in pieces {
        rest += piece
        var position = 0
        while let event = next(&reader, rest, &position) {
            append(event, to: &events)
            if event.isLast { return events }
        }
        rest.removeFirst(position)
    }
    return events + [.connectionEnd(reader.receivedEnd(isClean: options & 2 != 0))]
}

extension Event {
    fileprivate var isLast: Bool {
        switch self {
        case .end, .refused: true
        default: false
        }
    }
}

private func next(_ reader: inout HTTPAnswerReader, _ bytes: [UInt8], _ position: inout Int) -> Event? {
    do throws(AnswerDefect) {
        switch try reader.read(bytes.span, at: &position) {
        case .more: return nil
        case .interim(let status): return .interim(status)
        case .head(let head): return .head(head)
        case .body(let range):
            precondition(!range.isEmpty, "an empty piece")
            return .body(Array(bytes[range]))
        case .end: return .end(keepsAlive: reader.keepsAlive)
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
