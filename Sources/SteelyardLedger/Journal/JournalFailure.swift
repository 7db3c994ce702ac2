import Glibc

/// Why records are not in the journal.
public enum JournalFailure: Error, Hashable, Sendable {
    /// A write or the creation of a file failed (`errno`). The file is not used any more.
    case cannotWrite(path: String, errno: Int32)
    /// `fdatasync` failed (`errno`). It is unknown what is on the disk, and a second call would report success
    /// (https://www.usenix.org/conference/atc20/presentation/rebello). The file is not used any more.
    case cannotSync(path: String, errno: Int32)
    /// The gateway has stopped.
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
