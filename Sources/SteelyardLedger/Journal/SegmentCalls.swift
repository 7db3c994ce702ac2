import Glibc

/// The system calls on a segment that can fail or stall when a disk is full or failing. Tests replace them with failing
/// ones.
struct SegmentCalls: Sendable {
    /// `write(2)`.
    var write: @Sendable (_ descriptor: Int32, UnsafeRawBufferPointer) -> Int
    /// `fdatasync(2)`.
    var sync: @Sendable (_ descriptor: Int32) -> Int32
    /// `ftruncate(2)`.
    var truncate: @Sendable (_ descriptor: Int32, _ bytes: Int) -> Int32
    /// `open(2)` of a file that must not exist yet.
    var create: @Sendable (_ path: String) -> Int32 = {
        open($0, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
    }

    static let system = SegmentCalls(
        write: { Glibc.write($0, $1.baseAddress, $1.count) },
        sync: { fdatasync($0) },
        truncate: { ftruncate($0, $1) }
    )
}
