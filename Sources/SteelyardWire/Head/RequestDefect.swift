/// Why a request's head is refused before we send any of it on. The connection is closed after the answer: if a peer
/// breaks the framing rules, we cannot rely on where its next request begins.
public enum RequestDefect: String, Error, Sendable, CaseIterable {
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
        case .contentLengthTooLarge: 413
        case .targetTooLong: 414
        case .expectation: 417
        case .unknownMethod: 501
        case .version: 505
        default: 400
        }
    }

    /// The `error.code` of the answer; its `error.type` is always `invalid_request_error`.
    public var code: String {
        switch self {
        case .forbiddenMethod, .unknownMethod: "method_not_allowed"
        case .contentLengthTooLarge: "request_too_large"
        case .expectation: "expectation_failed"
        case .version: "http_version_not_supported"
        case .targetForm, .targetCharacter, .targetPath, .targetTooLong: "invalid_path"
        default: "malformed_request"
        }
    }

    /// The `error.message` of the answer. It never repeats what the client sent.
    public var message: String {
        switch self {
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
        case .contentLengthTooLarge: "The request body is too large."
        case .conflictingFraming: "The request has both Content-Length and Transfer-Encoding."
        case .expectation: "The only supported expectation is 100-continue."
        case .targetForm: "The request target must be a path, or a URL of this host."
        case .targetCharacter: "The request target contains a character or an escape that is not allowed."
        case .targetPath: "The path contains an empty segment or a segment . or .. ."
        case .targetTooLong: "The request target is too long."
        }
    }
}
