import Glibc

/// One segment that is being written. The file is closed when nothing refers to it any more.
final class SegmentFile: Sendable {
    let path: String
    let number: Int
    private let descriptor: Int32
    private let calls: SegmentCalls

    /// Creates a segment and writes its header.
    ///
    /// - Throws: ``JournalFailure/cannotWrite(path:errno:)``. A file that was created is deleted again.
    convenience init(_ header: SegmentHeader, in folder: String, calls: SegmentCalls) throws(JournalFailure) {
        let path = Self.path(of: header.number, in: folder)
        try self.init(creating: path, number: header.number, calls: calls)
        do throws(JournalFailure) { try write(header.bytes[...]) } catch {
            unlink(path)
            throw error
        }
    }

    /// Creates a file. It must not exist yet.
    init(creating path: String, number: Int, calls: SegmentCalls) throws(JournalFailure) {
        self.number = number
        self.path = path
        self.calls = calls
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, errno: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// `FOLDER/NNNNNNNN.journal`.
    static func path(of number: Int, in folder: String) -> String {
        let digits = String(number)
        return "\(folder)/\(String(repeating: "0", count: max(0, 8 - digits.utf8.count)))\(digits).journal"
    }

    /// Writes all of the bytes, usually with one call.
    func write(_ bytes: ArraySlice<UInt8>) throws(JournalFailure) {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { calls.write(descriptor, $0) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                throw .cannotWrite(path: path, errno: count == 0 ? ENOSPC : errno)
            }
        }
    }

    /// Removes what was written after a number of bytes. A failure does no harm: readers stop at a record that is not
    /// whole, and a record that is there twice counts once.
    func truncate(toBytes bytes: Int) { _ = calls.truncate(descriptor, bytes) }

    /// Waits until everything that was written is on the disk.
    func sync() throws(JournalFailure) {
        guard calls.sync(descriptor) == 0 else { throw .cannotSync(path: path, errno: errno) }
    }

    /// Waits until the names in a folder are on the disk. Otherwise a power cut can lose a file that was just created.
    static func syncFolder(_ folder: String) throws(JournalFailure) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotSync(path: folder, errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .cannotSync(path: folder, errno: errno) }
    }
}
