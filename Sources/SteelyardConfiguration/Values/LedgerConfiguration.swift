public import SteelyardPolicy

/// `ledger` in proxy.yaml: where charges are kept.
public struct LedgerConfiguration: Hashable, Sendable {
    /// The ledger's file; the journal is in a folder beside it. A relative path starts at the working directory.
    public var file: String
    /// How long single entries are kept, in seconds; hourly sums stay.
    public var keepSeconds: Int64
    /// What a charge on record outlives.
    public var durability: Durability
    /// Who is served while charges cannot be put on record.
    public var onFailure: LedgerFailurePolicy

    /// Makes the section; every default is that of proxy.yaml.
    public init(
        file: String = "data/ledger.sqlite3",
        keepSeconds: Int64 = 400 * 86_400,
        durability: Durability = .process,
        onFailure: LedgerFailurePolicy = .refuseBudgeted
    ) {
        self.file = file
        self.keepSeconds = keepSeconds
        self.durability = durability
        self.onFailure = onFailure
    }
}

/// Who is served while charges cannot be put on record.
public enum LedgerFailurePolicy: String, Hashable, Sendable, CaseIterable {
    /// Requests with a blocking budget are refused; the others pass, and are counted as unrecorded.
    case refuseBudgeted = "refuse_budgeted"
    /// Every request that can cost money is refused.
    case refuseAll = "refuse_all"
    /// Everybody, counted as unrecorded.
    case allow
}
