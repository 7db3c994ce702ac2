/// The state of the copy of a gathered body that Steelyard reads.
public enum BodyCopy: Hashable, Sendable {
    /// It is whole, and decoded if the body came with a content coding.
    case whole
    /// It would be larger than the limit for bodies, or than anything sensible.
    case tooLarge
    /// The body is not coded as its head says.
    case broken
    /// Steelyard cannot decode this coding, or there are several codings.
    case unreadable
}
