public import SteelyardPolicy

/// Where a ledger is and how it is kept: `ledger` in proxy.yaml.
public struct LedgerSettings: Hashable, Sendable {
    /// The SQLite file. Its lock is `FILE.lock`, and its journal is the folder `FILE.journal`.
    public var file: String
    /// How long entries are kept. The hourly totals are never deleted.
    public var keepSeconds: Int64
    /// What a record survives.
    public var durability: Durability
    /// The size, approximately, at which the journal begins a new segment.
    public var segmentBytes: Int
    /// Whether to continue in spite of problems instead of failing the start. A damaged segment of the journal is moved
    /// aside after everything readable in it was entered. A missing segment is ignored. A segment of another ledger is
    /// entered. Hours that differ from their entries are summed again.
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
