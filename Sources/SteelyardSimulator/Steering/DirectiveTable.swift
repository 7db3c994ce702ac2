/// All directives: name, possible values, and effect. `steelyard simulate --help` prints this table.
enum DirectiveTable {
    typealias Path<Value> = any WritableKeyPath<Directives, Value> & Sendable

    /// The possible values, and where the value goes.
    enum Form: Sendable {
        case text(Path<String?>)
        /// Percent-encoded or base64, because JSON contains commas.
        case json(Path<String?>)
        case number(Path<Int>, ClosedRange<Int>, whenBare: Int)
        case optionalNumber(Path<Int?>, ClosedRange<Int>, whenBare: Int?)
        case flag(Path<Bool>)
        case placement(Directives.UsagePlacement)
        case lineEnd(Directives.LineEnd)
        case coding(Directives.Coding)
        /// The directive's own name is a row of `BadHeads`.
        case badHead
    }

    struct Row: Sendable {
        var name: String
        var form: Form
        var help: String

        init(_ name: String, _ form: Form, _ help: String) {
            (self.name, self.form, self.help) = (name, form, help)
        }
    }

    private static let milliseconds = 0...3_600_000
    private static let sizes = 0...(1 << 28)

    static let rows: [Row] = answerRows + errorRows + shapeRows + timeRows + transportRows + badHeadRows

    private static let answerRows = [
        Row("usage", .json(\.usage), "the usage object to send, JSON in base64 or percent-encoded"),
        Row("answer-model", .text(\.answerModel), "the model the answer names; default: the requested one"),
        Row("tier", .text(\.tier), "the service_tier the answer names"),
        Row("id", .text(\.id), "the answer's id; default: from the seed"),
        Row("finish", .text(\.finish), "the finish_reason"),
        Row("tool-call", .text(\.toolCall), "answer with a call of this tool"),
        Row("tool-arguments", .json(\.toolArguments), "its arguments; default: made from the tool's schema"),
        Row("events", .optionalNumber(\.events, 1...1_000_000, whenBare: nil), "how many pieces a stream's text has"),
        Row("bytes", .optionalNumber(\.bytes, sizes, whenBare: nil), "the length of the answer's text"),
        Row("cached", .number(\.cachedTokens, sizes, whenBare: 0), "how many of the prompt tokens are cached"),
        Row("reasoning", .number(\.reasoningTokens, sizes, whenBare: 0), "reasoning tokens, added to the output"),
        Row(
            "polls",
            .number(\.polls, 0...1000, whenBare: 1),
            "how many polls find a background answer still in progress"
        ),
    ]

    private static let errorRows = [
        Row(
            "status",
            .optionalNumber(\.status, 200...599, whenBare: nil),
            "answer with this status; from 400 on, with an error object"
        ),
        Row("error-type", .text(\.errorType), "the type of that error"),
        Row("error-code", .text(\.errorCode), "the code of that error; digits are sent as a number"),
        Row("retry-after", .text(\.retryAfter), "the header retry-after, verbatim"),
        Row("retry-after-ms", .text(\.retryAfterMilliseconds), "the header retry-after-ms, verbatim"),
        Row("should-retry", .text(\.shouldRetry), "the header x-should-retry, verbatim"),
        Row(
            "error-midstream",
            .optionalNumber(\.errorMidstream, 0...1_000_000, whenBare: 3),
            "send an error event after this many pieces, then end"
        ),
        Row(
            "refuse-stream-options",
            .optionalNumber(\.refuseStreamOptions, 400...499, whenBare: 400),
            "answer a request that has stream_options with this status, naming the member"
        ),
        Row("redirect", .optionalNumber(\.redirect, 300...399, whenBare: 302), "redirect to a link-local address"),
    ]

    private static let shapeRows = [
        Row("no-usage", .placement(.never), "no usage anywhere"),
        Row(
            "usage-beside-content",
            .placement(.besideContent),
            "usage on the last chunk with choices, requested or not"
        ),
        Row("usage-every-chunk", .placement(.everyChunk), "running usage on every chunk, requested or not"),
        Row("crlf", .lineEnd(.crlf), "events end their lines with CR LF"),
        Row("cr", .lineEnd(.cr), "events end their lines with CR"),
        Row("gzip", .coding(.gzip), "content-encoding gzip, accepted or not"),
        Row("deflate", .coding(.deflate), "content-encoding deflate, accepted or not"),
        Row(
            "azure-filters",
            .flag(\.azureFilters),
            "filter chunks before and after the text, and filter results in choices"
        ),
        Row("comments", .flag(\.comments), "comment lines between events"),
        Row("obfuscation", .flag(\.obfuscation), "an obfuscation member in each delta, unless the request declines it"),
        Row("bom", .flag(\.byteOrderMark), "a byte order mark before the first event"),
        Row("multi-line", .flag(\.multiLine), "each event's JSON on two data lines"),
        Row("no-done", .flag(\.noDone), "a stream without its [DONE]"),
        Row("wrong-type", .flag(\.wrongType), "a stream labelled as JSON and JSON labelled as a stream"),
        Row("leading-newlines", .number(\.leadingNewlines, 0...65_536, whenBare: 8), "line feeds before the body"),
    ]

    private static let timeRows = [
        Row("delay-ms", .number(\.delayMilliseconds, milliseconds, whenBare: 0), "wait before the head"),
        Row("first-byte-ms", .number(\.firstByteMilliseconds, milliseconds, whenBare: 0), "wait between head and body"),
        Row("event-ms", .number(\.eventMilliseconds, milliseconds, whenBare: 0), "wait between two events"),
    ]

    private static let transportRows = [
        Row("cut-at", .optionalNumber(\.cutAt, sizes, whenBare: nil), "close after this many bytes of body"),
        Row(
            "stall-after",
            .optionalNumber(\.stallAfter, sizes, whenBare: nil),
            "silence after this many bytes of body"
        ),
        Row("cut-head", .flag(\.cutHead), "close inside a header line"),
        Row("reset", .flag(\.reset), "send TCP RST where the answer breaks off; without a cut: instead of an answer"),
        Row(
            "drip",
            .optionalNumber(\.dripMilliseconds, milliseconds, whenBare: 10),
            "send the head one byte at a time"
        ),
        Row("split", .optionalNumber(\.split, 1...65_536, whenBare: 1), "send the body in writes of this many bytes"),
        Row("no-length", .flag(\.noLength), "send a body without a length, which ends with the connection"),
        Row("trailers", .flag(\.trailers), "send a chunked body with trailer fields"),
        Row("late-answer", .flag(\.lateAnswer), "send a second complete answer 100 ms after the first"),
        Row("late-408", .flag(\.late408), "send a 408 on the idle connection 100 ms after the answer, then close"),
        Row(
            "die-on-reuse",
            .flag(\.dieOnReuse),
            "on a reused connection, read the request and close without an answer"
        ),
    ]

    private static let badHeadRows = BadHeads.rows.map { Row($0.name, .badHead, $0.help) }

    private static let forms = Dictionary(uniqueKeysWithValues: rows.map { ($0.name, $0.form) })

    /// Applies one directive.
    static func apply(_ name: String, _ value: String?, to directives: inout Directives) throws(DirectiveProblem) {
        guard let form = forms[name] else { throw DirectiveProblem(message: "unknown directive '\(name)'") }
        guard put(name, form, value, into: &directives) else {
            throw DirectiveProblem(message: "directive '\(name)' cannot have the value '\(value ?? "")'")
        }
    }

    private static func put(_ name: String, _ form: Form, _ value: String?, into directives: inout Directives) -> Bool {
        switch form {
        case .text(let path): return assign(value, to: path, in: &directives)
        case .json(let path): return assign(value.flatMap(EncodedJSON.decoded), to: path, in: &directives)
        case .number(let path, let range, let bare):
            guard let number = number(value, range, bare) else { return false }
            directives[keyPath: path] = number
        case .optionalNumber(let path, let range, let bare):
            return assign(number(value, range, bare), to: path, in: &directives)
        case .flag(let path):
            guard value == nil || value == "1" || value == "0" else { return false }
            directives[keyPath: path] = value != "0"
        case .placement(let placement): directives.usagePlacement = placement
        case .lineEnd(let lineEnd): directives.lineEnd = lineEnd
        case .coding(let coding): directives.coding = coding
        case .badHead: directives.badHead = name
        }
        return true
    }

    private static func assign<Value>(
        _ value: Value?,
        to path: Path<Value?>,
        in directives: inout Directives
    ) -> Bool {
        guard let value else { return false }
        directives[keyPath: path] = value
        return true
    }

    private static func number(_ value: String?, _ range: ClosedRange<Int>, _ bare: Int?) -> Int? {
        guard let value else { return bare }
        return Int(value).flatMap { range.contains($0) ? $0 : nil }
    }
}
