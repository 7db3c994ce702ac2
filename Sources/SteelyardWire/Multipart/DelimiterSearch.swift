/// Searches for `CR LF "--" boundary` in bytes that come in pieces (RFC 2046 §5.1.1).
///
/// A carriage return is the first byte of the delimiter and none of the others. So after a match fails, a new match can
/// begin only at the byte on which it failed: no bytes need to be kept, and none is looked at twice.
struct DelimiterSearch {
    private let delimiter: [UInt8]
    private var matchedCount = 2
    /// How many of the matched bytes were not in the input. A body and a part's content begin as if a line had ended
    /// before.
    private var assumedCount = 2

    init(boundary: [UInt8]) { delimiter = [.carriageReturn, .lineFeed] + Array("--".utf8) + boundary }

    /// Starts a new search, at the first byte of a part's content.
    mutating func begin() { (matchedCount, assumedCount) = (2, 2) }

    /// What ended a search.
    enum Outcome {
        /// The bytes ended; there may be more.
        case exhausted
        /// A delimiter.
        case delimiter
        /// A delimiter at the place where the content should begin.
        case delimiterAtOnce
    }

    /// Searches on from `position`, and moves it past the bytes it looked at. Bytes that belong to no delimiter go to
    /// `content`.
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
