import Glibc

/// The system calls of a segment that can fail on a full or dying disk; tests put failing ones in their place.
struct SegmentCalls: Sendable {
    /// `write(2)`.
    var write: @Sendable (_ descriptor: Int32, UnsafeRawBufferPointer) -> Int
    /// `fdatasync(2)`.
    var sync: @Sendable (_ descriptor: Int32) -> Int32
    /// `ftruncate(2)`.
    var truncate: @Sendable (_ descriptor: Int32, _ bytes: Int) -> Int32

    static let system = SegmentCalls(
        write: { Glibc.write($0, $1.baseAddress, $1.count) },
        sync: { fdatasync($0) },
        truncate: { ftruncate($0, $1) }
    )
}
