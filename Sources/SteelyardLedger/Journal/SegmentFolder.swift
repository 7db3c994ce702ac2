import Glibc

/// The segments in a journal's folder.
struct SegmentFolder {
    /// The name of the file that a recovery tests writing with.
    static let probe = "probe"

    let path: String

    /// The numbers of all segments, ascending.
    func numbers() throws(LedgerError) -> [Int] { try names().compactMap(Self.number).sorted() }

    /// Deletes files that a killed process created and that never became segments.
    func deleteDrafts() throws(LedgerError) {
        for name in try names() where name.hasSuffix(SegmentDraft.suffix) || name == Self.probe {
            unlink("\(path)/\(name)")
        }
    }

    private func names() throws(LedgerError) -> [String] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw .notWritable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) { names.append(Self.name(entry)) }
        return names
    }

    /// The path of a segment.
    func file(_ number: Int) -> String { SegmentFile.path(of: number, in: path) }

    /// Reads a segment from one byte to another, or to its end.
    func bytes(_ number: Int, from start: Int = 0, to end: Int = .max) throws(LedgerError) -> [UInt8] {
        let file = file(number)
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .inputOutput(path: file, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        let size = Int(lseek(descriptor, 0, SEEK_END))
        return try read(descriptor, start..<max(start, min(size, end)), file)
    }

    private func read(_ descriptor: Int32, _ range: Range<Int>, _ file: String) throws(LedgerError) -> [UInt8] {
        var failure: Int32?
        // The closure initializes as many bytes as it says in `filled`.
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
            while filled < range.count {
                let rest = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[filled...]))
                let count = pread(descriptor, rest.baseAddress, range.count - filled, off_t(range.lowerBound + filled))
                if count > 0 { filled += count } else if count == 0 || errno != EINTR { break }
            }
            if filled < range.count { failure = errno }
        }
        if let failure { throw .inputOutput(path: file, reason: String(cString: strerror(failure))) }
        return bytes
    }

    private static func name(_ entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private static func number(_ name: String) -> Int? {
        guard name.hasSuffix(".journal") else { return nil }
        return Int(name.dropLast(".journal".count))
    }
}
