import SteelyardPolicy

/// Why reading a segment stopped.
enum SegmentEnding: Hashable {
    /// At the end of the file.
    case whole
    /// At an incomplete record: the process or the power failed while it was being written.
    case torn(at: Int)
    /// At bytes that are not a record, although whole records follow: something else wrote here, or the disk lost data.
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
    /// Set when ``next()`` has returned nil.
    private(set) var ending: SegmentEnding?

    /// Starts at the first byte of a record.
    init(_ bytes: [UInt8], from offset: Int = JournalFormat.headerBytes) {
        self.bytes = bytes
        self.offset = offset
    }

    /// The next record; nil if there is none, and then ``ending`` says why.
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

    /// Continues after damage, at the next whole record.
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

    /// Where the next whole record begins. Every byte is tried, because after damage the lengths cannot be trusted.
    private func nextRecord(after offset: Int) -> Int? {
        // Most torn files end in zeros, as file systems leave them after a power cut.
        guard let first = bytes[offset...].firstIndex(where: { $0 != 0 }) else { return nil }
        let starts = max(offset + 1, first - 3)..<max(offset + 1, bytes.count - JournalFormat.frameBytes - 1)
        return starts.first { looksLikeRecord(at: $0) && payload(at: $0) != nil }
    }

    /// Whether format and kind could belong to a record. This avoids computing a checksum at each byte of garbage.
    private func looksLikeRecord(at offset: Int) -> Bool {
        let payload = offset + JournalFormat.frameBytes
        return (1...JournalFormat.version).contains(bytes[payload])
            && JournalFormat.Kind(rawValue: bytes[payload + 1]) != nil
    }
}
