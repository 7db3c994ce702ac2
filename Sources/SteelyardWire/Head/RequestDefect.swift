/// Why a request's head is refused before we send any of it on. The connection is closed after the answer: if a peer
/// breaks the framing rules, we cannot rely on where its next request begins.
public enum RequestDefect: String, Error, Sendable, CaseIterable {
    /// The request line is not a method, a target and a version with one space between (RFC 9112 §3).
    case requestLine
    /// A line ends in LF alone, or holds one (RFC 9112 §2.2).
    case bareLineFeed
    /// A CR that no LF follows (RFC 9112 §2.2).
    case bareCarriageReturn
    /// A control character other than HTAB in a line, including NUL (RFC 9110 §5.5).
    case controlCharacter
    /// Many empty lines before a request line.
    case strayLines
    /// A field line begins with white space (RFC 9112 §5.2).
    case foldedLine
    /// A field line without a colon.
    case missingColon
    /// A field line that begins with a colon.
    case emptyFieldName
    /// A field name with a byte that is not a token character, such as a space before the colon (RFC 9112 §5.1).
    case fieldName
    /// Request line and fields, or the trailers, are larger than `server.limits.header_bytes`.
    case tooLarge
    /// More than 100 fields, or as many trailers.
    case tooManyFields
    /// A chunk size that is not 1 to 16 hexadecimal digits (RFC 9112 §7.1).
    case chunkSize
    /// A chunk size that needs more than 63 bits.
    case chunkTooLarge
    /// A chunk extension that breaks the grammar (RFC 9112 §7.1.1).
    case chunkExtension
    /// No CRLF after the data of a chunk.
    case chunkEnd
    /// Chunk framing takes far more bytes than its data.
    case chunkOverhead
    /// A trailer field that says something about framing, routing or the connection (RFC 9110 §6.5.1).
    case trailerField
    /// A version other than HTTP/1.0 and HTTP/1.1.
    case version
    /// CONNECT or TRACE: known, and never allowed here.
    case forbiddenMethod
    /// An unknown method.
    case unknownMethod
    /// `Host` is missing (RFC 9112 §3.2), repeated or not a host.
    case host
    /// A field value with a control character, or one whose bytes were not UTF-8 and have been replaced.
    case fieldValue
    /// `Transfer_Encoding` or `Content_Length`: other readers take them for the real ones.
    case underscoreName
    /// A field asks the server to treat the request as one of another method, which would have another cost.
    case methodOverride
    /// A field that says who is asking comes twice, or holds bytes outside ASCII.
    case credential
    /// A transfer coding other than a single `chunked`, or one in HTTP/1.0 (RFC 9112 §6.1).
    case transferCoding
    /// `Content-Length` is not a plain number, has leading zeros or comes twice (RFC 9112 §6.3).
    case contentLength
    /// A `Content-Length` that needs more than 63 bits.
    case contentLengthTooLarge
    /// Both `Content-Length` and `Transfer-Encoding` (RFC 9112 §6.3).
    case conflictingFraming
    /// An `Expect` other than `100-continue` (RFC 9110 §10.1.1).
    case expectation
    /// The target is neither origin-form nor an absolute-form that names our host.
    case targetForm
    /// The target has a byte outside RFC 3986, or a malformed or refused escape.
    case targetCharacter
    /// The path has a dot segment or an empty one: a server that normalises the path reads another path than we do.
    case targetPath
    /// The target is longer than ``RequestTarget/byteLimit``.
    case targetTooLong

    /// The status of the answer.
    public var status: Int {
        switch self {
        case .forbiddenMethod: 405
        case .contentLengthTooLarge, .chunkTooLarge: 413
        case .targetTooLong: 414
        case .expectation: 417
        case .tooLarge, .tooManyFields: 431
        case .unknownMethod: 501
        case .version: 505
        default: 400
        }
    }

    /// The `error.code` of the answer; its `error.type` is always `invalid_request_error`.
    public var code: String {
        switch self {
        case .forbiddenMethod, .unknownMethod: "method_not_allowed"
        case .contentLengthTooLarge, .chunkTooLarge: "request_too_large"
        case .tooLarge, .tooManyFields: "request_header_fields_too_large"
        case .expectation: "expectation_failed"
        case .version: "http_version_not_supported"
        case .targetForm, .targetCharacter, .targetPath, .targetTooLong: "invalid_path"
        default: "malformed_request"
        }
    }

    /// The `error.message` of the answer. It never repeats what the client sent.
    public var message: String {
        switch self {
        case .requestLine: "The request line must be a method, a target and HTTP/1.1, with one space between."
        case .bareLineFeed, .bareCarriageReturn: "Each line of the request must end with CR and LF."
        case .controlCharacter: "The request line or a header contains a control character."
        case .strayLines: "There are too many empty lines before the request."
        case .foldedLine: "A header line must not begin with white space."
        case .missingColon: "A header line has no colon."
        case .emptyFieldName, .fieldName: "A header name is empty or contains characters that are not allowed."
        case .tooLarge, .tooManyFields: "The request line and headers are larger than this gateway allows."
        case .chunkSize: "A chunk size must be 1 to 16 hexadecimal digits."
        case .chunkExtension: "A chunk extension is malformed."
        case .chunkEnd: "A chunk is longer or shorter than its size says."
        case .chunkOverhead: "The chunks of the request carry too little data for their framing."
        case .trailerField: "A trailer must not be a framing, routing, connection or credential header."
        case .version: "This HTTP version is not supported; use HTTP/1.1."
        case .forbiddenMethod: "This method is not allowed."
        case .unknownMethod: "This method is not known."
        case .host: "The request needs exactly one Host header with a valid host."
        case .fieldValue: "A header value contains bytes that are not allowed."
        case .underscoreName: "A framing header is spelled with an underscore."
        case .methodOverride: "A header asks the server to use another method; send the request with that method."
        case .credential: "A credential header appears more than once or contains bytes outside ASCII."
        case .transferCoding: "The only supported transfer coding is one chunked, in HTTP/1.1."
        case .contentLength: "The Content-Length header must be one decimal number."
        case .contentLengthTooLarge, .chunkTooLarge: "The request body is too large."
        case .conflictingFraming: "The request has both Content-Length and Transfer-Encoding."
        case .expectation: "The only supported expectation is 100-continue."
        case .targetForm: "The request target must be a path, or a URL of this host."
        case .targetCharacter: "The request target contains a character or an escape that is not allowed."
        case .targetPath: "The path contains an empty segment or a segment . or .. ."
        case .targetTooLong: "The request target is too long."
        }
    }
}
