/// One change to a sequence of bytes: the bytes in `range` are replaced.
public struct ByteEdit: Sendable, Equatable {
    /// The bytes to take out; empty for an insertion.
    public var range: Range<Int>
    /// The bytes to put in their place.
    public var replacement: [UInt8]

    /// Makes an edit.
    public init(range: Range<Int>, replacement: [UInt8]) {
        self.range = range
        self.replacement = replacement
    }

    /// The bytes after the change; unchanged when the range is not within them.
    public func applied(to bytes: Span<UInt8>) -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return bytes.bytesArray }
        var edited: [UInt8] = []
        edited.reserveCapacity(bytes.count - range.count + replacement.count)
        bytes.extracting(first: range.lowerBound).withUnsafeBufferPointer { edited.append(contentsOf: $0) }
        edited.append(contentsOf: replacement)
        bytes.extracting(range.upperBound...).withUnsafeBufferPointer { edited.append(contentsOf: $0) }
        return edited
    }
}

/// What to do so that a streamed answer brings its usage.
///
/// This is about a chat or legacy completion body. The caller must know whether the endpoint is one of these, and
/// whether the body is uncoded. `/responses` has `stream_options` too, but no `include_usage` in them.
public enum UsageAsk: Sendable, Equatable {
    /// The request asks for no stream: the answer brings its usage unasked.
    case notStreaming
    /// The client asked for usage itself, or said something that we do not interpret.
    case leave
    /// This change asks for usage. What it adds to the answer is taken out again.
    case edit(ByteEdit)
}

/// What a request body says in `stream` and `stream_options`, and where it says so.
///
/// The change is a splice: white space, unknown and repeated keys and the form of numbers stay as they were sent.
struct UsageInjection {
    /// What was found under `stream_options`.
    enum Options {
        /// No such member.
        case absent
        /// `null`, at this range.
        case null(Range<Int>)
        /// An object without `include_usage`: where its first member goes, and whether others follow.
        case object(start: Int, isEmpty: Bool)
        /// An object whose `include_usage` is false or null, at this range.
        case refused(Range<Int>)
        /// `include_usage` is true or of another type, or `stream_options` is.
        case other
    }

    /// Where the value of the `stream: true` ends, if there is one.
    var streamEnd: Int?
    var options = Options.absent

    /// The change to make.
    var ask: UsageAsk {
        guard let streamEnd else { return .notStreaming }
        return switch options {
        case .absent: .insert(#","stream_options":{"include_usage":true}"#, at: streamEnd)
        case .null(let range): .replace(range, by: #"{"include_usage":true}"#)
        case .object(let start, isEmpty: true): .insert(#""include_usage":true"#, at: start)
        case .object(let start, isEmpty: false): .insert(#""include_usage":true,"#, at: start)
        case .refused(let range): .replace(range, by: "true")
        case .other: .leave
        }
    }
}

extension UsageAsk {
    fileprivate static func insert(_ text: String, at position: Int) -> UsageAsk {
        .replace(position..<position, by: text)
    }

    fileprivate static func replace(_ range: Range<Int>, by text: String) -> UsageAsk {
        .edit(ByteEdit(range: range, replacement: Array(text.utf8)))
    }
}
