import Glibc
import SteelyardPolicy
import Synchronization

extension Journal {
    /// How much must fit before the disk counts as usable again: a disk with only a little room would be full again
    /// with the next record.
    private static let probeBytes = 64 << 10

    /// Begins a new segment when writing works again, and writes into it what could not be written before. All lanes
    /// refuse records until that is done.
    ///
    /// Call it regularly while the journal ``isFailing``, for example once a second. Otherwise it does nothing.
    ///
    /// - Returns: Whether the journal accepts records.
    @discardableResult
    public func recover() -> Bool {
        guard segments.beginRecovery() else { return !isFailing }
        do throws(JournalFailure) {
            try probe()
            let file = try segments.create()
            syncs?.began()
            try writeUnwritten(to: file)
        } catch {
            segments.stayedFailed()
            return false
        }
        segments.wakeReader()
        return !isFailing
    }

    /// Tests writing with a separate file, which no reader takes for a segment.
    private func probe() throws(JournalFailure) {
        let path = "\(segments.folder)/\(SegmentFolder.probe)"
        unlink(path)
        let file = try SegmentDraft(creating: path, calls: calls)
        defer { file.delete() }
        try file.write([UInt8](repeating: 0, count: Self.probeBytes), as: path)
        if durability == .power { try file.sync(as: path) }
    }

    /// Meanwhile more may come, which is written too.
    private func writeUnwritten(to file: SegmentFile) throws(JournalFailure) {
        while let unwritten = segments.nextUnwritten(for: file) {
            do throws(JournalFailure) { try file.append(unwritten.bytes) } catch {
                _ = file.cutOff()
                segments.close(file)
                segments.putBack(unwritten)
                throw error
            }
            recoveredRecords.add(unwritten.records, ordering: .relaxed)
            syncs?.wrote(to: file)
        }
    }
}
