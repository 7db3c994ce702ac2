import Glibc

/// Why records are not in the journal.
public enum JournalFailure: Error, Hashable, Sendable {
    /// A write or the creation of a file failed (`errno`); the file is not used any more.
    case cannotWrite(path: String, errno: Int32)
    /// `fdatasync` failed (`errno`). What the disk has is unknown, and asking again would say that all is well
    /// (https://www.usenix.org/conference/atc20/presentation/rebello): the file is not used any more.
    case cannotSync(path: String, errno: Int32)
    /// The gateway has ended.
    case closed
}

extension JournalFailure: CustomStringConvertible {
    /// A sentence for the log, such as `cannot write data/journal/00000007.journal: No space left on device`.
    public var description: String {
        switch self {
        case .cannotWrite(let path, let errno): "cannot write \(path): \(String(cString: strerror(errno)))"
        case .cannotSync(let path, let errno): "cannot sync \(path): \(String(cString: strerror(errno)))"
        case .closed: "the journal is closed"
        }
    }
}
