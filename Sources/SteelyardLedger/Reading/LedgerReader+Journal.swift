import Glibc
import SteelyardPolicy

extension LedgerReader {
    /// How often to check the file while a server moves the journal into it.
    private static let lookMilliseconds: CInt = 10

    /// Whether a server is using the ledger now.
    public static func isKept(_ settings: LedgerSettings) -> Bool { LedgerLock.isHeld(settings) }

    /// Waits until the file has everything that its journal has now. A running server moves it within moments; without
    /// a server this returns at once.
    ///
    /// - Returns: How many settlements are still missing, because the server has ended or cannot write the file.
    public func caughtUp(with settings: LedgerSettings, withinSeconds seconds: Double) throws(LedgerError) -> Int {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var missing = try JournalPart.all(settings)
        while true {
            // Check the lock first: a server that ends enters everything, and only then releases the lock.
            let isKept = LedgerLock.isHeld(settings)
            let wanted = missing
            missing = try read { database in
                try wanted.filter { try !EntryTable.holds($0.charge, part: $0.part, database) }
            }
            guard !missing.isEmpty, isKept, ContinuousClock.now < deadline else { return missing.count }
            poll(nil, 0, Self.lookMilliseconds)
        }
    }
}

/// A part of a charge that is settled according to the journal.
private struct JournalPart: Hashable {
    let charge: ChargeID
    let part: Int

    static func all(_ settings: LedgerSettings) throws(LedgerError) -> [JournalPart] {
        let folder = SegmentFolder(path: settings.journalFolder)
        var parts: [JournalPart] = []
        for number in try folder.numbers() { parts += try settled(number, folder) }
        return Array(Set(parts))
    }

    /// If a segment has disappeared meanwhile, the file has its records.
    private static func settled(_ number: Int, _ folder: SegmentFolder) throws(LedgerError) -> [JournalPart] {
        let bytes: [UInt8]
        do throws(LedgerError) { bytes = try folder.bytes(number) } catch {
            guard access(folder.file(number), F_OK) == 0 else { return [] }
            throw error
        }
        var reader = SegmentReader(bytes)
        var parts: [JournalPart] = []
        while let record = reader.next() {
            guard case .settled(let settlement) = record else { continue }
            parts.append(JournalPart(charge: settlement.charge, part: settlement.part))
        }
        return parts
    }
}
