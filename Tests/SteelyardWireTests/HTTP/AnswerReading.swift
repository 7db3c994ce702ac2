import SteelyardWire

/// What an answer reader made of some bytes, in a form in which it does not matter how the body was cut.
struct AnswerReading: Equatable, CustomStringConvertible {
    enum Event: Equatable {
        case interim(Int)
        case head(AnswerHead)
        case body([UInt8])
        case end
        case refused(AnswerDefect)
    }

    var events: [Event] = []
    /// Bytes that nobody used.
    var rest: [UInt8] = []
    var keepsAlive = false
    /// What the end of the connection makes of it.
    var end = HTTPAnswerReader.End.noAnswer

    /// Presents pieces as they come, until the answer has ended; then the connection ends.
    init(_ pieces: [[UInt8]], answersHEAD: Bool = false, endsCleanly: Bool = true) {
        var reader = HTTPAnswerReader(answersHEAD: answersHEAD)
        for piece in pieces {
            rest += piece
            var position = 0
            read(&reader, &position)
            rest.removeFirst(position)
        }
        keepsAlive = reader.keepsAlive
        end = reader.receivedEnd(isClean: endsCleanly)
        if case .refused = events.last { rest = [] }
    }

    init(_ text: String, answersHEAD: Bool = false, endsCleanly: Bool = true) {
        self.init([wireBytes(text)], answersHEAD: answersHEAD, endsCleanly: endsCleanly)
    }

    /// Reads until the reader wants more, or the answer has ended.
    private mutating func read(_ reader: inout HTTPAnswerReader, _ position: inout Int) {
        do throws(AnswerDefect) {
            while events.last != .end {
                switch try reader.read(rest.span, at: &position) {
                case .more: return
                case .interim(let status): events.append(.interim(status))
                case .head(let head): events.append(.head(head))
                case .body(let range): append(rest[range])
                case .end: events.append(.end)
                }
            }
        } catch {
            if events.last != .refused(error) { events.append(.refused(error)) }
        }
    }

    private mutating func append(_ piece: ArraySlice<UInt8>) {
        guard case .body(let before) = events.last else { return events.append(.body(Array(piece))) }
        events[events.count - 1] = .body(before + piece)
    }

    /// One word for each event: `100…`, `200`, `"body"`, `end`, `!defect`, and `…` when bytes are left.
    var description: String {
        let words = events.map { event in
            switch event {
            case .interim(let status): "\(status)…"
            case .head(let head): "\(head.status)"
            case .body(let bytes): "\"" + wireText(bytes) + "\""
            case .end: "end"
            case .refused(let defect): "!\(defect)"
            }
        }
        return (words + (rest.isEmpty ? [] : ["…"])).joined(separator: " | ")
    }
}
