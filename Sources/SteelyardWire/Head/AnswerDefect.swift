/// Why a provider's answer head is refused. In each case two readers of the same bytes could disagree.
///
/// A client library that is lenient here (libcurl 7.88.1 accepts most of this list) hands a desynchronised connection
/// to the next request, so we check the head ourselves. The client sees 502 `upstream_malformed`. The raw values are a
/// closed vocabulary for logs.
public enum AnswerDefect: String, Error, Sendable, CaseIterable {
    /// The line has no CRLF at its end: the connection broke off inside the head.
    case unterminatedLine = "unterminated_line"
    /// A line ends in LF alone, or holds one (RFC 9112 §2.2).
    case bareLineFeed = "bare_line_feed"
    /// A CR that no LF follows (RFC 9112 §2.2).
    case bareCarriageReturn = "bare_carriage_return"
    /// A control character other than HTAB, including NUL (RFC 9110 §5.5).
    case controlCharacter = "control_character"
    /// The status line is missing, or its form is wrong (RFC 9112 §4).
    case statusLine = "status_line"
    /// A version other than HTTP/1.0 and HTTP/1.1 (and HTTP/2 where it was negotiated).
    case version = "version"
    /// A status outside 100–599.
    case statusCode = "status_code"
    /// 101 although no upgrade was asked for. The bytes after it are not an HTTP body.
    case unsolicitedUpgrade = "unsolicited_upgrade"
    /// More interim (1xx) heads than an honest provider sends.
    case tooManyInterimHeads = "too_many_interim_heads"
    /// A field line begins with white space (RFC 9112 §5.2).
    case foldedLine = "folded_line"
    /// A field line without a colon.
    case missingColon = "missing_colon"
    /// A field line that begins with a colon.
    case emptyFieldName = "empty_field_name"
    /// A field name with a byte that is not a token character, such as a space before the colon (RFC 9112 §5.1).
    case fieldName = "field_name"
    /// A `Content-Length` that is not 1 to 19 digits within `Int64`. This includes lists and signs (RFC 9112 §6.3).
    case contentLength = "content_length"
    /// `Content-Length` twice, even with equal values.
    case repeatedContentLength = "repeated_content_length"
    /// A transfer coding other than a single `chunked` (RFC 9112 §6.1).
    case transferCoding = "transfer_coding"
    /// `Transfer-Encoding` in an answer that is not HTTP/1.1 (RFC 9112 §6.1).
    case transferCodingVersion = "transfer_coding_version"
    /// Both `Content-Length` and `Transfer-Encoding` (RFC 9112 §6.3).
    case conflictingFraming = "conflicting_framing"
    /// More than 64 KiB or 200 lines in one head, or in the trailers.
    case tooLarge = "too_large"
    /// A chunk size that is not 1 to 16 hexadecimal digits (RFC 9112 §7.1).
    case chunkSize = "chunk_size"
    /// A chunk size that needs more than 63 bits.
    case chunkTooLarge = "chunk_too_large"
    /// A chunk extension that breaks the grammar (RFC 9112 §7.1.1).
    case chunkExtension = "chunk_extension"
    /// No CRLF after the data of a chunk.
    case chunkEnd = "chunk_end"
    /// Chunk framing takes far more bytes than its data.
    case chunkOverhead = "chunk_overhead"
    /// A trailer field that says something about framing, routing or the connection (RFC 9110 §6.5.1).
    case trailerField = "trailer_field"
}
