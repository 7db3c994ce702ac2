/// Why the body of a metered request is refused with 400 although it may be JSON.
public enum RequestBodyDefect: Error, Sendable, Equatable {
    /// A member that we act on comes twice in one object. Parsers differ over which of the two counts, so the request
    /// that was admitted may not be the one that is served.
    case ambiguous(ActedOnMember)
    /// A member has a value that some servers take for another one and others refuse: a number or `true` in quotes.
    case mistyped(ActedOnMember)
    /// Values nest deeper than ``RequestBody/depthLimit``.
    case tooDeep
    /// There are more members than ``RequestBody/memberLimit``.
    case tooManyMembers
    /// A number is longer than ``RequestBody/wordLimit``.
    case endlessNumber
    /// The request asks for more kinds of tools than ``RequestBody/hostedToolLimit``, so their fees cannot be reserved.
    case tooManyTools
}
