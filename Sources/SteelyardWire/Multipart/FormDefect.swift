/// Why a body that calls itself a form cannot be read as one, or could be read in two ways.
///
/// Servers read forms with very different leniency. A form that two of them could read as asking for different models
/// must not be taken for either; it is passed on as one whose model is unknown, and its provider may refuse it.
public enum FormDefect: Error, Sendable, Equatable {
    /// `content-type` gives no boundary, two of them, or one that RFC 2046 §5.1.1 does not allow.
    case boundary
    /// A line begins with the boundary and goes on with something else.
    case delimiter
    /// The head of a part is not what RFC 7578 §4.2 asks for, has two readings, or is too large.
    case partHead
    /// The body ended before the closing delimiter.
    case truncated
}
