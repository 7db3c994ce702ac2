import Glibc

/// A new file that is no segment yet. Readers ignore its name. It is closed when nothing refers to it any more.
final class SegmentDraft: Sendable {
    /// The end of the names of files that are no segments yet.
    static let suffix = ".next"

    private let path: String
    private let descriptor: Int32
    private let calls: SegmentCalls

    /// Creates a file. It must not exist yet.
    init(creating path: String, calls: SegmentCalls) throws(JournalFailure) {
        (self.path, self.calls) = (path, calls)
        descriptor = calls.create(path)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, errno: errno) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Writes all of the bytes, usually with one call. A failure names the file as the caller does.
    func write(_ bytes: [UInt8], as name: String) throws(JournalFailure) {
        let error = bytes.withUnsafeBytes { write($0) }
        if let error { throw .cannotWrite(path: name, errno: error) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) -> Int32? {
        var done = 0
        while done < bytes.count {
            let count = calls.write(descriptor, UnsafeRawBufferPointer(rebasing: bytes[done...]))
            if count > 0 { done += count } else if count == 0 { return ENOSPC } else if errno != EINTR { return errno }
        }
        return nil
    }

    func rename(to name: String) throws(JournalFailure) {
        guard Glibc.rename(path, name) == 0 else { throw .cannotWrite(path: name, errno: errno) }
    }

    func truncate(toBytes bytes: Int) -> Bool { calls.truncate(descriptor, bytes) == 0 }

    func sync(as name: String) throws(JournalFailure) {
        guard calls.sync(descriptor) == 0 else { throw .cannotSync(path: name, errno: errno) }
    }

    func delete() { unlink(path) }
}
