import SteelyardWire

/// What a request reader made of some bytes, in a form in which it does not matter how the body was cut.
struct RequestReading: Equatable, CustomStringConvertible {
    enum Event: Equatable {
        case head(String, fields: [String], RequestHeadFacts)
        case body([UInt8])
        case end
        case refused(RequestDefect)
    }

    var events: [Event] = []
    /// Bytes that nobody used, and whether they are a part of a head.
    var rest: [UInt8] = []
    var isWithinHead = false

    /// Presents pieces as they come: what was not used stays and is presented again.
    init(_ pieces: [[UInt8]], headLimitBytes: Int = 32 * 1024) {
        var reader = HTTPRequestReader(headLimitBytes: headLimitBytes)
        for piece in pieces {
            rest += piece
            var position = 0
            let goesOn = read(&reader, &position)
            rest.removeFirst(position)
            guard goesOn else { break }
        }
        isWithinHead = reader.isWithinHead
        // A defect may be found before the bytes behind it have come.
        if case .refused = events.last { rest = [] }
    }

    init(_ text: String) { self.init([wireBytes(text)]) }

    /// Reads until the reader wants more. Returns false after a defect.
    private mutating func read(_ reader: inout HTTPRequestReader, _ position: inout Int) -> Bool {
        do throws(RequestDefect) {
            while true {
                switch try reader.read(rest.span, at: &position) {
                case .more: return true
                case .head(let head): append(head)
                case .body(let range): append(rest[range])
                case .end: events.append(.end)
                }
            }
        } catch {
            events.append(.refused(error))
            return false
        }
    }

    private mutating func append(_ head: RequestHead) {
        events.append(.head("\(head.method) \(head.target)", fields: head.fields.wireLines, head.facts))
    }

    private mutating func append(_ piece: ArraySlice<UInt8>) {
        guard case .body(let before) = events.last else { return events.append(.body(Array(piece))) }
        events[events.count - 1] = .body(before + piece)
    }

    /// One word or line for each event: `POST /v1/models`, `"body"`, `end`, `!defect`, and `…` when bytes are left.
    var description: String {
        let words = events.map { event in
            switch event {
            case .head(let line, _, _): line
            case .body(let bytes): "\"" + wireText(bytes) + "\""
            case .end: "end"
            case .refused(let defect): "!\(defect)"
            }
        }
        return (words + (rest.isEmpty ? [] : ["…"])).joined(separator: " | ")
    }
}

extension HeaderFields {
    /// The fields as lines, one character for each byte.
    var wireLines: [String] { (0..<count).map { wireText(line(at: $0)) } }
}
