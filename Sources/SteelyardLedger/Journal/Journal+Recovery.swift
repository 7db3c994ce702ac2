import Glibc
import SteelyardPolicy
import Synchronization

extension Journal {
    /// How much must fit before the disk counts as usable again: a disk with only a little room would be full again
    /// with the next record.
    private static let probeBytes = 64 << 10

    /// Begins a new segment when writing works again, and writes into it what could not be written before.
    ///
    /// Call it regularly while the journal ``isFailing``, for example once a second. Otherwise it does nothing.
    ///
    /// - Returns: Whether the journal accepts records.
    @discardableResult
    public func recover() -> Bool {
        let number = state.withLock { state -> Int? in
            guard let failure = state.failure, failure != .closed, !state.isRecovering else { return nil }
            state.isRecovering = true
            defer { state.nextNumber += 1 }
            return state.nextNumber
        }
        guard let number else { return !isFailing }
        // Other threads still refuse records while this one tries the disk.
        let file = probed(number)
        let (isBack, wakeReader) = state.withLock { state in
            state.isRecovering = false
            let isBack = file.map { resume($0, &state) } ?? false
            defer { state.wakeReader = nil }
            return (isBack, state.wakeReader)
        }
        wakeReader?()
        return isBack
    }

    /// Ends the run: nothing can be added after this.
    func close() { state.withLock { $0.end() } }

    private func probed(_ number: Int) -> SegmentFile? {
        do throws(JournalFailure) {
            try probe()
            return try SegmentFile(SegmentHeader(run: run, number: number), in: folder, calls: calls)
        } catch {
            return nil
        }
    }

    /// Tests writing with a separate file, which no reader takes for a segment.
    private func probe() throws(JournalFailure) {
        let path = "\(folder)/probe"
        unlink(path)
        let file = try SegmentFile(creating: path, number: 0, calls: calls)
        defer { unlink(path) }
        try file.write(ArraySlice(repeating: 0, count: Self.probeBytes))
        if durability == .power { try file.sync() }
    }

    private func resume(_ file: SegmentFile, _ state: inout State) -> Bool {
        state.begin(file)
        state.failure = nil
        guard state.unwritten.records > 0 else { return true }
        do throws(JournalFailure) { _ = try put(state.unwritten.bytes, records: state.unwritten.records, &state) } catch
        {
            return false
        }
        state.unwritten.clear()
        return true
    }
}
