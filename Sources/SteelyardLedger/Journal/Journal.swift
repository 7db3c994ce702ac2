import Dispatch
public import SteelyardPolicy
import Synchronization

/// Records everything that may cost money, before it can: an opening before its request leaves, and a settlement before
/// the last piece of the answer reaches the client.
///
/// Each event loop writes through its own ``lane()``, into its own append-only files, with one `write(2)` for each
/// record, so that it survives the death of the process. With ``Durability/power`` an opening also waits for an
/// `fdatasync`, which it shares with others. ``Ledger`` reads the records back, and deletes a segment when all of its
/// records are in the ledger. So the unread records in the files are the ledger's queue: this queue takes no memory and
/// loses nothing.
///
/// The records of one charge may be in the segments of several lanes, and are read in any order (``OpenCharges``).
///
/// After an error a segment is never used again, and all lanes refuse openings (``isFailing``). Records that close a
/// charge are kept in memory, up to a limit, until ``recover()`` finds that a new segment can be written.
public final class Journal: Sendable {
    /// One segment, as its readers see it.
    struct Segment: Hashable {
        var number: Int
        /// The file has whole records up to here.
        var bytes: Int
        /// Whether the segment is complete: nothing will be added.
        var isClosed: Bool
        /// No segment with a higher number existed when it was closed.
        var peersThrough: Int
    }

    /// When a record counts as recorded.
    public let durability: Durability
    let calls: SegmentCalls
    let segments: JournalSegments
    let syncs: SyncGroup?
    /// Records that recoveries wrote.
    let recoveredRecords = Atomic<Int>(0)
    /// The lane of all threads without their own.
    private let commonLane: JournalLane
    private let lanes: Mutex<[JournalLane]>

    /// Creates the first segment of a run in an existing folder. Its number is higher than all others there.
    init(
        folder: String,
        durability: Durability,
        segmentBytes: Int = 8 << 20,
        run: RunID,
        firstNumber: Int,
        calls: SegmentCalls = .system
    ) throws(JournalFailure) {
        (self.durability, self.calls) = (durability, calls)
        let segments = JournalSegments(
            folder: folder,
            segmentBytes: segmentBytes,
            run: run,
            firstNumber: firstNumber,
            calls: calls
        )
        self.segments = segments
        syncs =
            switch durability {
            case .process: nil
            case .power: SyncGroup(folder: folder) { segments.fail($0, keeping: $1) }
            }
        commonLane = try JournalLane(segments, syncs)
        lanes = Mutex([commonLane])
    }

    /// A new lane, for one event loop. It lives as long as the journal.
    public func lane() -> JournalLane {
        // A lane whose first segment cannot be created now tries again with its first record.
        let lane = (try? JournalLane(segments, syncs)) ?? JournalLane(lazily: segments, syncs)
        lanes.withLock { $0.append(lane) }
        return lane
    }

    /// Writes records, all or none, and returns when they survive what ``durability`` promises. All threads that use
    /// this share one lane.
    ///
    /// With ``Durability/power`` a batch with an opening waits for the disk, so an event loop must not call this for
    /// one. Other batches return at once and are on the disk a few milliseconds later.
    ///
    /// - Throws: Why the records are not recorded. In that case do not act on an opening, unless its request may go
    ///   unrecorded. Deferrals, settlements and releases need no second attempt: ``recover()`` writes them.
    public func append(_ records: [ChargeRecord]) throws(JournalFailure) {
        guard !records.isEmpty else { return }
        let waits = durability == .power && records.contains(where: \.isOpening)
        guard waits else { return try commonLane.write(records, nil) }
        let (isDone, failure) = (DispatchSemaphore(value: 0), Outcome<JournalFailure?>(nil))
        try commonLane.write(records) { outcome in
            failure.value.withLock { $0 = outcome }
            isDone.signal()
        }
        isDone.wait()
        if let failure = failure.value.withLock({ $0 }) { throw failure }
    }

    /// Whether records are refused until ``recover()`` succeeds.
    public var isFailing: Bool { !segments.phase.isMultiple(of: 2) }

    /// The state of the journal, for metrics and checks.
    public var standing: JournalStanding {
        var standing = segments.standing
        standing.records = allLanes.reduce(recoveredRecords.load(ordering: .relaxed)) { $0 + $1.writtenRecords }
        return standing
    }

    private var allLanes: [JournalLane] { lanes.withLock { $0 } }

    // MARK: Reading

    /// All segments that can be read now, by number. The next record wakes the reader, once.
    func takeExtent(wakingBy wake: @escaping @Sendable () -> Void) -> [Segment] { segments.takeExtent(wakingBy: wake) }

    /// Closes segments with lower numbers to which nobody is writing.
    func closeIdleSegments(below number: Int) {
        for lane in allLanes { lane.closeIdleSegment(below: number) }
        segments.closeSpare(below: number)
    }

    /// Deletes a closed segment when its records are in the ledger.
    func retire(_ number: Int) { segments.retire(number) }

    // MARK: The end

    /// Ends the run: nothing can be added after this.
    func close() {
        segments.end()
        for lane in allLanes { lane.close() }
    }
}

/// The result of some work on another thread.
final class Outcome<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}

/// The state of a journal, for metrics and checks.
public struct JournalStanding: Hashable, Sendable {
    /// The size of all segments together: `ai_journal_bytes`.
    public var bytes: Int
    /// The number of segments.
    public var segments: Int
    /// Records written in this run.
    public var records: Int
    /// Why records are refused; nil while they are accepted.
    public var failure: JournalFailure?
    /// Calls that failed in this run.
    public var failures: Int
    /// Records that wait in memory for ``Journal/recover()``.
    public var unwrittenRecords: Int
    /// Records for which even memory had no room. After a restart their charges count as interrupted, at their holds.
    public var lostRecords: Int
}
