public import SteelyardPolicy

/// Where a ledger lies and how it is kept: `ledger` of proxy.yaml.
public struct LedgerSettings: Hashable, Sendable {
    /// The SQLite file; its lock is `FILE.lock`, its journal the folder `FILE.journal`.
    public var file: String
    /// How long entries are kept; the hourly totals stay.
    public var keepSeconds: Int64
    /// What a record survives.
    public var durability: Durability
    /// A segment of the journal is followed by the next at about this size.
    public var segmentBytes: Int
    /// Whether to go on with what there is, instead of ending the start: a damaged segment of the journal is put aside
    /// after all that can be read in it, one that is missing is done without, one of another ledger is entered, and hours
    /// that differ from their entries are summed again.
    public var salvages: Bool

    /// Makes settings; every default is that of proxy.yaml.
    public init(
        file: String = "data/ledger.sqlite3",
        keepSeconds: Int64 = 400 * 86_400,
        durability: Durability = .process,
        segmentBytes: Int = 8 << 20,
        salvages: Bool = false
    ) {
        self.file = file
        self.keepSeconds = keepSeconds
        self.durability = durability
        self.segmentBytes = segmentBytes
        self.salvages = salvages
    }

    var journalFolder: String { "\(file).journal" }
    var lockFile: String { "\(file).lock" }
}
