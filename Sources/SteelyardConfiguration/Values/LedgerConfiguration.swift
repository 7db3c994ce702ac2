public import SteelyardPolicy

/// `ledger` in proxy.yaml: where charges are stored.
public struct LedgerConfiguration: Hashable, Sendable {
    /// The ledger's file; the journal is in a folder beside it. A relative path starts at the working directory.
    public var file: String
    /// How long single entries are kept, in seconds; hourly sums stay.
    public var keepSeconds: Int64
    /// Which failures a recorded charge survives.
    public var durability: Durability
    /// Who is served while charges cannot be recorded.
    public var onFailure: UnrecordedRequests

    /// Makes the section; every default is that of proxy.yaml.
    public init(
        file: String = "data/ledger.sqlite3",
        keepSeconds: Int64 = 400 * 86_400,
        durability: Durability = .process,
        onFailure: UnrecordedRequests = .refuseBudgeted
    ) {
        self.file = file
        self.keepSeconds = keepSeconds
        self.durability = durability
        self.onFailure = onFailure
    }
}
