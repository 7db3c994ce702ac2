import GRDB
import SteelyardPolicy

/// The open charges, according to the journal's records so far.
///
/// Most charges are settled long before their segment of the journal is deleted. So an opening is kept in memory, and
/// is written to the ledger only if the charge is still open when its segment goes.
struct OpenCharges {
    private(set) var charges: [ChargeID: OpenCharge]

    init(_ charges: [OpenCharge]) {
        self.charges = Dictionary(charges.map { ($0.opening.charge, $0) }, uniquingKeysWith: { $1 })
    }

    /// Applies a record, after the transaction that entered it.
    mutating func took(_ record: ChargeRecord, segment: Int) {
        switch record {
        case .opened(let opening), .grown(let opening): took(opening, nil, segment)
        case .deferred(let deferral): took(deferral.opening, deferral, segment)
        // Other parts belong to a charge that is still open.
        case .settled(let settlement): if settlement.part == 0 { charges[settlement.charge] = nil }
        case .released(let charge): charges[charge] = nil
        }
    }

    /// Removes a charge.
    mutating func drop(_ charge: ChargeID) { charges[charge] = nil }

    private mutating func took(_ opening: ChargeOpening, _ deferral: ChargeDeferral?, _ segment: Int) {
        let known = charges[opening.charge]
        var opening = opening
        // A hold only grows. But an event loop may record the growth before a worker records the opening.
        opening.hold = max(opening.hold, known?.opening.hold ?? .zero)
        charges[opening.charge] = OpenCharge(
            opening: opening,
            deferral: deferral ?? known?.deferral,
            segment: segment,
            hasRow: known?.hasRow ?? false
        )
    }

    /// The charge whose row in the ledger must be deleted because of a record; nil if there is none.
    func rowClosed(by record: ChargeRecord) -> ChargeID? {
        switch record {
        case .settled(let settlement) where settlement.part == 0: rowed(settlement.charge)
        case .released(let charge): rowed(charge)
        default: nil
        }
    }

    private func rowed(_ charge: ChargeID) -> ChargeID? { charges[charge]?.hasRow == true ? charge : nil }

    /// The charges that only segments up to a number have: the ledger needs a row for each when these segments are
    /// deleted.
    func outliving(_ segment: Int) -> [OpenCharge] {
        charges.values.filter { $0.isOutdated && $0.segment <= segment }
    }

    /// Notes that the ledger now has rows for these charges.
    mutating func stored(_ stored: [OpenCharge]) {
        for charge in stored {
            charges[charge.opening.charge]?.hasRow = true
            charges[charge.opening.charge]?.isOutdated = false
        }
    }
}
