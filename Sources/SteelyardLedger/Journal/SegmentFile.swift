import Glibc
import Synchronization

/// One segment that is being written. The file is closed when nothing refers to it any more.
///
/// One lane at a time writes to it. Anybody may read ``bytes`` meanwhile.
final class SegmentFile: Sendable {
    let number: Int
    let path: String
    private let draft: SegmentDraft
    private let end = Atomic<Int>(0)

    /// Gives a new file its header and its name.
    ///
    /// - Throws: ``JournalFailure/cannotWrite(path:errno:)``. The file is deleted in that case.
    init(_ header: SegmentHeader, _ draft: SegmentDraft, in folder: String) throws(JournalFailure) {
        (number, self.draft) = (header.number, draft)
        path = Self.path(of: header.number, in: folder)
        do throws(JournalFailure) {
            try draft.write(header.bytes, as: path)
            try draft.rename(to: path)
        } catch {
            draft.delete()
            throw error
        }
        end.store(JournalFormat.headerBytes, ordering: .relaxed)
    }

    /// `FOLDER/NNNNNNNN.journal`.
    static func path(of number: Int, in folder: String) -> String {
        let digits = String(number)
        return "\(folder)/\(String(repeating: "0", count: max(0, 8 - digits.utf8.count)))\(digits).journal"
    }

    /// The file has whole records up to here.
    ///
    /// Sequentially consistent, like the flag of a waiting reader (``JournalSegments/wakeReader()``): either the reader
    /// sees the new end, or the writer sees that the reader waits.
    var bytes: Int { end.load(ordering: .sequentiallyConsistent) }

    var isEmpty: Bool { bytes == JournalFormat.headerBytes }

    /// Appends whole records, usually with one call. After an error the file must not be used again.
    func append(_ records: [UInt8]) throws(JournalFailure) {
        try draft.write(records, as: path)
        end.store(end.load(ordering: .relaxed) + records.count, ordering: .sequentiallyConsistent)
    }

    /// Removes what a failed ``append(_:)`` left. If this fails too, readers still stop at a record that is not whole,
    /// and a record that is there twice counts once.
    ///
    /// - Returns: Whether nothing is left.
    func cutOff() -> Bool { draft.truncate(toBytes: bytes) }

    /// Waits until everything that was written is on the disk.
    func sync() throws(JournalFailure) { try draft.sync(as: path) }

    /// Waits until the names in a folder are on the disk. Otherwise a power cut can lose a file that was just created.
    static func syncFolder(_ folder: String) throws(JournalFailure) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotSync(path: folder, errno: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .cannotSync(path: folder, errno: errno) }
    }
}
