import SteelyardPolicy

/// Why reading a segment stopped.
enum SegmentEnding: Hashable {
    /// After the last byte.
    case whole
    /// At a record that was never finished: the process, or the power, went while it was written.
    case torn(at: Int)
    /// At bytes that are no record although whole ones follow: something else wrote here, or the disk lost them.
    case damaged(at: Int, next: Int)
    /// At a record of a later version.
    case newer(at: Int, version: UInt8)
}

/// Reads the records of a segment in order.
struct SegmentReader {
    /// The segment's bytes, header included.
    let bytes: [UInt8]
    /// Where the next record begins.
    private(set) var offset: Int
    /// Set once ``next()`` has returned nil.
    private(set) var ending: SegmentEnding?

    /// Reads from a record's first byte on.
    init(_ bytes: [UInt8], from offset: Int = JournalFormat.headerBytes) {
        self.bytes = bytes
        self.offset = offset
    }

    /// The next record; nil when there is none, and then ``ending`` says why.
    mutating func next() -> ChargeRecord? {
        guard offset < bytes.count else {
            ending = .whole
            return nil
        }
        guard let payload = payload(at: offset) else {
            ending = nextRecord(after: offset).map { .damaged(at: offset, next: $0) } ?? .torn(at: offset)
            return nil
        }
        return record(payload)
    }

    /// Goes on behind damage, at the next whole record.
    mutating func skipDamage() {
        guard case .damaged(_, let next) = ending else { return }
        (offset, ending) = (next, nil)
    }

    private mutating func record(_ payload: Range<Int>) -> ChargeRecord? {
        do throws(RecordProblem) {
            let record = try RecordDecoder.record(bytes, at: payload)
            offset = payload.upperBound
            return record
        } catch {
            switch error {
            case .newer(let version): ending = .newer(at: offset, version: version)
            case .malformed: ending = .damaged(at: offset, next: payload.upperBound)
            }
            return nil
        }
    }

    /// The payload of a whole record with the right checksum.
    private func payload(at offset: Int) -> Range<Int>? {
        bytes.withUnsafeBytes { bytes in
            let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
            guard rest.count > JournalFormat.frameBytes else { return nil }
            let length = Int(UInt32(littleEndian: rest.loadUnaligned(as: UInt32.self)))
            guard (2...JournalFormat.longestPayload).contains(length), rest.count >= JournalFormat.frameBytes + length
            else { return nil }
            let frame = UnsafeRawBufferPointer(rebasing: rest[..<(JournalFormat.frameBytes + length)])
            let stated = UInt32(littleEndian: frame.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
            guard FrameChecksum.of(frame: frame) == stated else { return nil }
            let start = offset + JournalFormat.frameBytes
            return start..<(start + length)
        }
    }

    /// Where the next whole record begins, at any byte: after damage lengths say nothing.
    private func nextRecord(after offset: Int) -> Int? {
        // Most torn files end in zeros, as file systems leave them after a power cut.
        guard let first = bytes[offset...].firstIndex(where: { $0 != 0 }) else { return nil }
        let starts = max(offset + 1, first - 3)..<max(offset + 1, bytes.count - JournalFormat.frameBytes - 1)
        return starts.first { looksLikeRecord(at: $0) && payload(at: $0) != nil }
    }

    /// Whether format and kind could be a record's: so that garbage is not checksummed again at each of its bytes.
    private func looksLikeRecord(at offset: Int) -> Bool {
        let payload = offset + JournalFormat.frameBytes
        return (1...JournalFormat.version).contains(bytes[payload])
            && JournalFormat.Kind(rawValue: bytes[payload + 1]) != nil
    }
}
