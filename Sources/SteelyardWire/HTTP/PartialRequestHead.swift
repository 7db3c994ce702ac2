/// The head of a request while its lines come in.
struct PartialRequestHead: Sendable {
    /// Apache accepts as many fields (`LimitRequestFields 100`); official SDKs send about 20.
    static let fieldLimit = 100

    private let limitBytes: Int
    private var search = LineSearch()
    private var usedByteCount = 0
    private var line: RequestLine?
    private var block = FieldBlock()
    /// The fields of a head whose lines are sound, but which is refused; nil before that.
    private(set) var refusedFields: HeaderFields?

    /// - Parameter limitBytes: the most that request line and fields may take together, line ends included.
    init(limitBytes: Int) { self.limitBytes = limitBytes }

    /// Reads whole lines; gives the head when its blank line came, nil when it needs more bytes.
    mutating func read(_ bytes: Span<UInt8>, at position: inout Int) throws(RequestDefect) -> RequestHead? {
        while let text = try nextLine(in: bytes, at: &position) {
            guard let line else {
                try begin(bytes.extracting(text))
                continue
            }
            guard !text.isEmpty else { return try finish(line, bytes) }
            try readField(text, in: bytes)
        }
        block.keepRun(of: bytes)
        return nil
    }

    private mutating func nextLine(
        in bytes: Span<UInt8>,
        at position: inout Int
    ) throws(RequestDefect) -> Range<Int>? {
        do throws(SyntaxDefect) {
            let rest = limitBytes - usedByteCount
            guard let text = try search.line(in: bytes, from: position, limitBytes: rest) else { return nil }
            usedByteCount += text.count + 2
            position = text.upperBound + 2
            return text
        } catch { throw RequestDefect(error) }
    }

    private mutating func begin(_ text: Span<UInt8>) throws(RequestDefect) {
        line = try RequestLine(text)
        block.reserve()
    }

    private mutating func readField(_ text: Range<Int>, in bytes: Span<UInt8>) throws(RequestDefect) {
        guard block.count < Self.fieldLimit else { throw .tooManyFields }
        do throws(SyntaxDefect) {
            block.append(try FieldLine(text, in: bytes), of: bytes)
        } catch { throw RequestDefect(error) }
    }

    private mutating func finish(_ line: RequestLine, _ bytes: Span<UInt8>) throws(RequestDefect) -> RequestHead {
        block.keepRun(of: bytes)
        do throws(RequestDefect) {
            let facts = try RequestHeadCheck.facts(line, fields: block.fields)
            return RequestHead(method: line.method, target: line.target, fields: block.fields, facts: facts)
        } catch {
            refusedFields = block.fields
            throw error
        }
    }
}
