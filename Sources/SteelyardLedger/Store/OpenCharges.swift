import GRDB
import SteelyardPolicy

/// What the journal's records did to the charges so far.
///
/// Most charges are settled long before their segment of the journal goes, so an opening is kept here and reaches the
/// ledger only if it outlives its segment.
struct OpenCharges {
    private(set) var charges: [ChargeID: OpenCharge]

    init(_ charges: [OpenCharge]) {
        self.charges = Dictionary(charges.map { ($0.opening.charge, $0) }, uniquingKeysWith: { $1 })
    }

    /// Takes a record that is in the ledger as far as it has to be.
    mutating func took(_ record: ChargeRecord, segment: Int) {
        switch record {
        case .opened(let opening), .grown(let opening): took(opening, nil, segment)
        case .deferred(let deferral): took(deferral.opening, deferral, segment)
        // Other parts belong to a charge that goes on.
        case .settled(let settlement): if settlement.part == 0 { charges[settlement.charge] = nil }
        case .released(let charge): charges[charge] = nil
        }
    }

    /// Forgets a charge.
    mutating func drop(_ charge: ChargeID) { charges[charge] = nil }

    private mutating func took(_ opening: ChargeOpening, _ deferral: ChargeDeferral?, _ segment: Int) {
        let known = charges[opening.charge]
        var opening = opening
        // A hold only grows, but an event loop may put that on record before a worker does the opening.
        opening.hold = max(opening.hold, known?.opening.hold ?? .zero)
        charges[opening.charge] = OpenCharge(
            opening: opening,
            deferral: deferral ?? known?.deferral,
            segment: segment,
            hasRow: known?.hasRow ?? false
        )
    }

    /// The charge whose row in the ledger a record makes untrue.
    func rowClosed(by record: ChargeRecord) -> ChargeID? {
        switch record {
        case .settled(let settlement) where settlement.part == 0: rowed(settlement.charge)
        case .released(let charge): rowed(charge)
        default: nil
        }
    }

    private func rowed(_ charge: ChargeID) -> ChargeID? { charges[charge]?.hasRow == true ? charge : nil }

    /// Those that only segments up to a number tell of.
    func outliving(_ segment: Int) -> [OpenCharge] {
        charges.values.filter { $0.isOutdated && $0.segment <= segment }
    }

    /// Notes that the ledger has rows of these now.
    mutating func stored(_ stored: [OpenCharge]) {
        for charge in stored {
            charges[charge.opening.charge]?.hasRow = true
            charges[charge.opening.charge]?.isOutdated = false
        }
    }
}
