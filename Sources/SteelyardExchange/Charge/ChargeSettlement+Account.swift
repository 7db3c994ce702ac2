public import SteelyardPolicy

extension ChargeSettlement {
    /// The record of a settled charge.
    public init(_ account: ChargeAccount, priceBook: String, settledAtSeconds: Int64) {
        self.init(
            opening: account.opening,
            part: 0,
            model: account.model,
            cost: account.weight.cost,
            confidence: account.weight.confidence,
            reason: account.weight.reason,
            tier: account.weight.tier,
            priceBook: priceBook,
            meters: account.weight.meters,
            usage: account.weight.usage,
            settledAtSeconds: settledAtSeconds
        )
    }
}
