import Logging
import NIOCore
import SteelyardClock
public import SteelyardConfiguration
public import SteelyardLedger
import SteelyardPolicy
import SteelyardServer
import Synchronization

/// Records charges: the only way from the data path to journal and ledger.
///
/// Without a ledger (`ledger: off`) everything counts as recorded, and no budget can block.
final class ChargeRecords: Sendable {
    /// Nil with `ledger: off`.
    let ledger: Ledger?
    /// Whether charges can be recorded at the moment; every admission checks it.
    let recording: Recording
    /// Charges of an earlier run that wait for a later answer: their holds must be reserved again.
    let restored: [ChargeOpening]
    /// The latest time at which a charge that an earlier run recorded can have been opened, in seconds since 1970.
    let recordedUntil: Int64
    private let logger: Logger
    /// A journal for each event loop.
    private let lanes: [JournalLane]
    private let unrecordedOpenings = Atomic<Int>(0)
    private let fileFailed = Atomic<Bool>(false)

    init(
        _ ledger: Ledger?,
        restored: [ChargeOpening] = [],
        recordedUntil: Int64 = .min,
        recording: Recording,
        logger: Logger
    ) {
        self.ledger = ledger
        self.restored = restored
        self.recordedUntil = recordedUntil
        self.recording = recording
        self.logger = logger
        lanes = ledger.map { ledger in (0..<System.coreCount).map { _ in ledger.journal.lane() } } ?? []
    }

    /// Openings that could not be written. Requests with a budget were not sent; the others were.
    var unrecordedCount: Int { unrecordedOpenings.load(ordering: .relaxed) }

    /// Why recorded charges stay in the journal; nil while the ledger's file can be written.
    var fileFailure: LedgerError? { ledger?.standing.failure }

    /// Records the opening of a request that is about to leave; called by the event loop that carries it.
    ///
    /// - Returns: Whether it is recorded. Nil with `durability: power`: `whenSafe` is called with that once the disk has
    ///   it, from another thread.
    func open(_ record: ChargeRecord, on loop: Int, whenSafe: @escaping @Sendable (Bool) -> Void) -> Bool? {
        guard let ledger else { return true }
        do throws(JournalFailure) {
            guard ledger.journal.durability == .power else { return try lane(loop).append(record, whenSafe: nil) }
            let isSafe = try lane(loop).append(record) { [self] failure in opened(failure, whenSafe) }
            return isSafe ? true : nil
        } catch {
            noteUnrecorded(error)
            return false
        }
    }

    private func opened(_ failure: JournalFailure?, _ whenSafe: (Bool) -> Void) {
        if let failure { noteUnrecorded(failure) }
        whenSafe(failure == nil)
    }

    private func noteUnrecorded(_ failure: JournalFailure) {
        unrecordedOpenings.add(1, ordering: .relaxed)
        noteJournal(failure)
    }

    /// Records what became of a charge. If it cannot be written now, a later recovery writes it.
    ///
    /// - Parameter loop: The calling event loop; nil for other threads.
    func append(_ record: ChargeRecord, on loop: Int?) {
        guard let ledger else { return }
        do throws(JournalFailure) {
            if let loop {
                _ = try lane(loop).append(record, whenSafe: nil)
            } else {
                try ledger.journal.append([record])
            }
        } catch {
            noteJournal(error)
        }
    }

    /// The journal of one event loop.
    private func lane(_ loop: Int) -> JournalLane { lanes[loop] }

    /// Does the work that is due about once a second.
    func passed(nowSeconds: Int64) {
        guard let ledger else { return }
        ledger.passed(nowSeconds: nowSeconds)
        noteJournal(ledger.journal.standing.failure)
        noteFile(fileFailure)
    }

    /// Logs each change once.
    private func noteJournal(_ failure: JournalFailure?) {
        guard recording.note(isFailing: failure != nil) else { return }
        if let failure {
            logger.error("cannot record charges", metadata: ["reason": "\(failure)"])
        } else {
            logger.notice("charges are recorded again")
        }
    }

    /// Nobody is refused because of this, and recorded charges are safe, but the journal grows until its disk is full.
    private func noteFile(_ failure: LedgerError?) {
        guard fileFailed.exchange(failure != nil, ordering: .relaxed) != (failure != nil) else { return }
        if let failure {
            logger.error("cannot move the journal into the ledger", metadata: ["reason": "\(failure)"])
        } else {
            logger.notice("the journal moves into the ledger again")
        }
    }

    /// The spending within windows according to the ledger, after it has everything from the journal. If the ledger
    /// cannot be read, this throws: budgets must not look unspent.
    ///
    /// - Parameters:
    ///   - prices: The price book, which knows every name of a model.
    ///   - isForEntered: Whether the windows belong to budgets in force, which have entered them.
    ///   - leavingOut: Returns the charges that are counted already; called when the state of the ledger is fixed.
    func spent(
        _ queries: [SpendingQuery],
        knownBy prices: PriceBook?,
        isForEntered: Bool = false,
        leavingOut: () -> [ChargeID]
    ) throws(LedgerError) -> [MoneySum] {
        guard let ledger else { return queries.map { _ in MoneySum() } }
        if !ledger.flush(withinSeconds: 5) {
            // A new budget may miss a little that it never counted; a budget in force would forget what it has counted.
            if isForEntered {
                throw fileFailure
                    ?? .refused(path: ledger.file, reason: "charges in the journal have not reached it yet")
            }
            logger.warning("new budgets do not count charges that are still in the journal; a restart counts them")
        }
        return try ledger.read().spent(queries, knownBy: prices, leavingOut: leavingOut)
    }

    /// Moves the whole journal into the ledger.
    func close() {
        guard let ledger, !ledger.close(withinSeconds: 5) else { return }
        logger.warning("the journal is not empty; the next start moves it into the ledger")
    }
}

extension LedgerSettings {
    /// The ledger's settings from the configuration.
    public init(_ settings: LedgerConfiguration) {
        self.init(file: settings.file, keepSeconds: settings.keepSeconds, durability: settings.durability)
    }
}

extension ChargeRecords {
    /// Opens the ledger, if there is one, and restores what an earlier run left, such as jobs that wait for a later
    /// answer.
    convenience init(
        opening configuration: Configuration,
        _ learned: LearnedFacts,
        _ logger: Logger
    ) throws(GatewayError) {
        guard let settings = configuration.ledger else {
            self.init(nil, recording: learned.recording, logger: logger)
            return
        }
        do throws(LedgerError) {
            let now = WallClock.seconds()
            let (ledger, opening) = try Ledger.open(LedgerSettings(settings), nowSeconds: now)
            self.init(
                ledger,
                restored: opening.restored.map(\.opening),
                recordedUntil: opening.recordedUntil ?? .min,
                recording: learned.recording,
                logger: logger
            )
            learned.goOn(with: opening.restored)
            tell(opening, settings.file)
        } catch {
            throw .noLedger(error)
        }
    }

    private func tell(_ opening: LedgerOpening, _ file: String) {
        logger.notice(
            "ledger opened",
            metadata: [
                "file": "\(file)", "replayed": "\(opening.replayedRecords)", "interrupted": "\(opening.interrupted)",
                "restored": "\(opening.restored.count)", "dropped": "\(opening.droppedCharges)",
                "resummed_hours": "\(opening.resummedHours)",
                "seconds": "\(opening.seconds)",
            ]
        )
        for segment in opening.damagedSegments {
            logger.error("moved a damaged segment of the journal away", metadata: ["file": "\(segment)"])
        }
    }
}

extension LearnedFacts {
    /// Restores the background jobs of an earlier run.
    fileprivate func goOn(with restored: [ChargeDeferral]) {
        for deferral in restored {
            let opening = deferral.opening
            let job = OpenJob(opening: opening, work: deferral.work)
            _ = jobs.insert(job, provider: opening.provider, id: deferral.jobID)
        }
    }
}
