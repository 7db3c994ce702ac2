import Logging
public import SteelyardConfiguration
public import SteelyardLedger
import SteelyardPolicy
import SteelyardServer
import Synchronization

/// Puts charges on record: the one way from the data path to journal and ledger.
///
/// Without a ledger (`ledger: off`) everything counts as recorded, and no budget can block.
final class ChargeRecords: Sendable {
    /// Nil when none is kept.
    let ledger: Ledger?
    /// Whether it is possible at the moment; every admission looks at it.
    let recording: Recording
    /// Charges of an earlier run that wait for a later answer: their holds are to be set aside again.
    let restored: [ChargeOpening]
    private let logger: Logger
    private let unrecordedOpenings = Atomic<Int>(0)
    private let fileFailed = Atomic<Bool>(false)

    init(_ ledger: Ledger?, restored: [ChargeOpening] = [], recording: Recording, logger: Logger) {
        self.ledger = ledger
        self.restored = restored
        self.recording = recording
        self.logger = logger
    }

    /// Openings that could not be written; those of budgets did not leave, the others did.
    var unrecordedCount: Int { unrecordedOpenings.load(ordering: .relaxed) }

    /// Why what is on record stays in the journal; nil while the ledger's file takes it in.
    var fileFailure: LedgerError? { ledger?.standing.failure }

    /// Writes what is about to leave; blocks, so never on an event loop.
    ///
    /// - Returns: whether it is on record.
    func opened(_ openings: [ChargeOpening]) -> Bool {
        let isRecorded = append(openings.map { .opened($0) })
        if !isRecorded { unrecordedOpenings.add(openings.count, ordering: .relaxed) }
        return isRecorded
    }

    /// Writes what became of a charge. What cannot be written now is written by a later recovery.
    func append(_ record: ChargeRecord) { _ = append([record]) }

    private func append(_ records: [ChargeRecord]) -> Bool {
        guard let ledger else { return true }
        do throws(JournalFailure) {
            try ledger.journal.append(records)
            return true
        } catch {
            noteJournal(error)
            return false
        }
    }

    /// Does what is due about once a second.
    func passed(nowSeconds: Int64) {
        guard let ledger else { return }
        ledger.passed(nowSeconds: nowSeconds)
        noteJournal(ledger.journal.standing.failure)
        noteFile(fileFailure)
    }

    /// A change is told once.
    private func noteJournal(_ failure: JournalFailure?) {
        guard recording.note(isFailing: failure != nil) else { return }
        if let failure {
            logger.error("cannot record charges", metadata: ["reason": "\(failure)"])
        } else {
            logger.notice("charges are recorded again")
        }
    }

    /// Nobody is refused for it, and what is on record is safe: but the journal grows until its disk is full.
    private func noteFile(_ failure: LedgerError?) {
        guard fileFailed.exchange(failure != nil, ordering: .relaxed) != (failure != nil) else { return }
        if let failure {
            logger.error("cannot move the journal into the ledger", metadata: ["reason": "\(failure)"])
        } else {
            logger.notice("the journal moves into the ledger again")
        }
    }

    /// What the ledger says is spent within windows, when it has all that is in the journal: a ledger that cannot be read
    /// must not make budgets look fresh.
    ///
    /// - Parameter leavingOut: charges that are counted already; asked when the ledger's state is fixed.
    func spent(_ queries: [SpendingQuery], leavingOut: () -> [ChargeID]) throws(LedgerError) -> [MoneySum] {
        guard let ledger else { return queries.map { _ in MoneySum() } }
        if !ledger.flush(withinSeconds: 5) {
            logger.warning("new budgets do not count charges that are still in the journal; a restart counts them")
        }
        return try ledger.read().spent(queries, leavingOut: leavingOut)
    }

    /// Takes all into the ledger.
    func close() {
        guard let ledger, !ledger.close(withinSeconds: 5) else { return }
        logger.warning("the journal is not empty; the next start moves it into the ledger")
    }
}

extension LedgerSettings {
    /// The configuration's section in the ledger's words.
    public init(_ settings: LedgerConfiguration) {
        self.init(file: settings.file, keepSeconds: settings.keepSeconds, durability: settings.durability)
    }
}

extension ChargeRecords {
    /// Opens the ledger, if one is kept, and goes on with what an earlier run left: what waits for a later answer waits
    /// on.
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
                "seconds": "\(opening.seconds)",
            ]
        )
        for segment in opening.damagedSegments {
            logger.error("moved a damaged segment of the journal away", metadata: ["file": "\(segment)"])
        }
    }
}

extension LearnedFacts {
    /// Waits on for the background work of an earlier run.
    fileprivate func goOn(with restored: [ChargeDeferral]) {
        for deferral in restored {
            let opening = deferral.opening
            let job = OpenJob(opening: opening, work: deferral.work)
            _ = jobs.insert(job, provider: opening.provider, id: deferral.jobID)
        }
    }
}
