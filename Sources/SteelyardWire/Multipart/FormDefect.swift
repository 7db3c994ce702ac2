/// Why a body that calls itself a form cannot be read as one, or could be read in two ways.
///
/// Some servers read forms much more leniently than others. If two of them could read a form as asking for different
/// models, it must not be taken for either. It is passed on as a form whose model is unknown, and its provider may
/// refuse it.
public enum FormDefect: Error, Sendable, Equatable {
    /// `content-type` gives no boundary, two of them, or one that RFC 2046 §5.1.1 does not allow.
    case boundary
    /// A line begins with the boundary but continues with something else.
    case delimiter
    /// The head of a part does not follow RFC 7578 §4.2, can be read in two ways, or is too large.
    case partHead
    /// The body ended before the closing delimiter.
    case truncated
}
