/// What is known of a request when it asks to be let through.
public struct AdmissionRequest: Sendable {
    /// Its charge.
    public var charge: ChargeID
    /// The team that pays, by its configured name.
    public var team: String
    /// The public id of the Steelyard key it came with; empty for none.
    public var key: String
    /// The model as the request names it and ``ModelNameRule`` takes it; nil when it names none that could be read.
    public var model: String?
    /// Every name the price book has for that model: rules and budgets mean it by any of them.
    public var bookModels: [String]
    /// What it can cost.
    public var estimate: HoldEstimate
    /// The monotonic clock.
    public var nanoseconds: UInt64
    /// The wall clock, read now and not when the request began: since 1970.
    public var wallSeconds: Int64

    /// Describes a request.
    public init(
        charge: ChargeID,
        team: String,
        key: String = "",
        model: String?,
        bookModels: [String] = [],
        estimate: HoldEstimate,
        nanoseconds: UInt64,
        wallSeconds: Int64
    ) {
        self.charge = charge
        self.team = team
        self.key = key
        self.model = model.map(ModelNameRule.accepted)
        self.bookModels = bookModels
        self.estimate = estimate
        self.nanoseconds = nanoseconds
        self.wallSeconds = wallSeconds
    }
}
