/// Why the body of a metered request is refused with 400 although it may be JSON.
public enum RequestBodyDefect: Error, Sendable, Equatable {
    /// A member we act on comes twice in one object: parsers differ over which of the two counts, so the request that
    /// was admitted need not be the one that is served.
    case ambiguous(ActedOnMember)
    /// A member has a value that some servers take for another one and some refuse: a number or `true` in quotes.
    case mistyped(ActedOnMember)
    /// Values nest deeper than ``RequestBody/depthLimit``.
    case tooDeep
    /// There are more members than ``RequestBody/memberLimit``.
    case tooManyMembers
    /// A number is longer than ``RequestBody/wordLimit``.
    case endlessNumber
    /// More kinds of tools are asked for than ``RequestBody/hostedToolLimit``, so that their fees cannot be set aside.
    case tooManyTools
}
