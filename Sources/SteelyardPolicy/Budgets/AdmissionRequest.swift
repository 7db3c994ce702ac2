/// What is known about a request when it asks for admission.
public struct AdmissionRequest: Sendable {
    /// Its charge.
    public var charge: ChargeID
    /// The team that pays, by its configured name.
    public var team: String
    /// The public id of the Steelyard key it came with; empty for none.
    public var key: String
    /// The requested model, as ``ModelNameRule`` accepts it. Nil when the request names none that could be read.
    public var model: String?
    /// Every name that the price book has for that model. A rule or budget that uses any of them applies.
    public var bookModels: [String]
    /// What it can cost.
    public var estimate: HoldEstimate
    /// The monotonic clock.
    public var now: Tick
    /// The wall clock in seconds since 1970, read now and not when the request began.
    public var wallSeconds: Int64

    /// Describes a request.
    public init(
        charge: ChargeID,
        team: String,
        key: String = "",
        model: String?,
        bookModels: [String] = [],
        estimate: HoldEstimate,
        now: Tick,
        wallSeconds: Int64
    ) {
        self.charge = charge
        self.team = team
        self.key = key
        self.model = model.map(ModelNameRule.accepted)
        self.bookModels = bookModels
        self.estimate = estimate
        self.now = now
        self.wallSeconds = wallSeconds
    }
}
