import SteelyardPolicy

/// A charge that is reserved but not settled, and where it is stored.
struct OpenCharge {
    var opening: ChargeOpening
    var deferral: ChargeDeferral?
    /// The lowest segment with something about the charge that its row does not say.
    var segment = 0
    /// The highest segment with a record of the charge.
    var lastSegment = 0
    /// Whether the ledger has a row for the charge.
    var hasRow = false
    /// Whether the journal has newer facts than that row, or there is no row.
    var isOutdated = true
}

extension OpenCharge {
    init(opening: ChargeOpening, deferral: ChargeDeferral?, segment: Int) {
        self.init(opening: opening, deferral: deferral, segment: segment, lastSegment: segment)
    }

    /// The charge after one more record of it. A hold only grows, but the growth may be read before the opening.
    func merged(_ newer: ChargeOpening, _ newerDeferral: ChargeDeferral?, _ number: Int) -> OpenCharge {
        var merged = self
        if newer.hold >= opening.hold { merged.opening = newer }
        merged.deferral = newerDeferral ?? deferral
        merged.deferral?.opening = merged.opening
        merged.segment = isOutdated ? min(segment, number) : number
        merged.lastSegment = max(lastSegment, number)
        merged.isOutdated = true
        return merged
    }
}
