/// Looks for `CR LF "--" boundary` in bytes that come in pieces (RFC 2046 §5.1.1).
///
/// A carriage return is the delimiter's first byte and none of its others, so a match that fails can begin anew only at
/// the byte on which it failed: nothing needs to be kept, and nothing is looked at twice.
struct DelimiterSearch {
    private let delimiter: [UInt8]
    private var matchedCount = 2
    /// How many of the matched bytes were not in the input: a body and a part's content begin as if a line had ended.
    private var assumedCount = 2

    init(boundary: [UInt8]) { delimiter = [.carriageReturn, .lineFeed] + Array("--".utf8) + boundary }

    /// Begins anew, at the first byte of a part's content.
    mutating func begin() { (matchedCount, assumedCount) = (2, 2) }

    /// What ended a search.
    enum Outcome {
        /// The bytes did; there may be more.
        case exhausted
        /// A delimiter.
        case delimiter
        /// One that stands where the content should begin.
        case delimiterAtOnce
    }

    /// Looks on from `position`, which is moved behind what was looked at; what is no delimiter goes to `content`.
    mutating func advance(
        in bytes: Span<UInt8>,
        from position: inout Int,
        into content: inout FormContent
    ) -> Outcome {
        while position < bytes.count {
            if matchedCount == 0 { skipToLineEnd(in: bytes, from: &position, into: &content) }
            guard position < bytes.count else { return .exhausted }
            guard bytes[position] == delimiter[matchedCount] else {
                giveUp(into: &content)
                continue
            }
            position += 1
            matchedCount += 1
            if matchedCount == delimiter.count { return found() }
        }
        return .exhausted
    }

    private func skipToLineEnd(in bytes: Span<UInt8>, from position: inout Int, into content: inout FormContent) {
        let rest = bytes.extracting(droppingFirst: position)
        let count = ByteSearch.first(.carriageReturn, in: rest)
        content.append(rest.extracting(first: count))
        position += count
    }

    private mutating func giveUp(into content: inout FormContent) {
        content.append(delimiter.span.extracting(assumedCount..<matchedCount))
        (matchedCount, assumedCount) = (0, 0)
    }

    private mutating func found() -> Outcome {
        defer { (matchedCount, assumedCount) = (0, 0) }
        return assumedCount > 0 ? .delimiterAtOnce : .delimiter
    }
}
