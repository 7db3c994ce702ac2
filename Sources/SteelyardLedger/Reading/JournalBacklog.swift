/// The records in a journal, for commands that only read the ledger.
public struct JournalBacklog: Hashable, Sendable {
    /// Whether a process is using the ledger. If so, it enters the records within moments, and this count means
    /// nothing.
    public var isKept: Bool
    /// Records in all segments, up to the first damage.
    public var records = 0
    /// The first damage. It keeps a server from starting.
    public var damage: LedgerError?

    /// Counts the records in the journal next to a ledger; none while a process is using the ledger.
    public init(_ settings: LedgerSettings) throws(LedgerError) {
        isKept = LedgerLock.isHeld(settings)
        guard !isKept else { return }
        let folder = SegmentFolder(path: settings.journalFolder)
        for number in try folder.numbers() {
            var reader = SegmentReader(try folder.bytes(number))
            records += reader.batch(limit: .max).count
            guard case .damaged(let offset, _) = reader.ending else { continue }
            damage = .journalDamaged(path: folder.file(number), at: offset)
            return
        }
    }
}
