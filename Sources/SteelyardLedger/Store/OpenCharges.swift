import GRDB
import SteelyardPolicy

/// The open charges, according to the journal's records so far.
///
/// Most charges are settled long before their segment of the journal is deleted. So an opening is kept in memory, and
/// is written to the ledger only if the charge is still open when its segment goes.
///
/// The records of a charge may come in any order, because they may be in segments of several lanes, and the reader reads
/// one segment after another. Whatever the order: a charge that has ended stays ended, its hold is the largest, and a
/// deferral stays.
struct OpenCharges {
    private(set) var charges: [ChargeID: OpenCharge]
    private var endings = ChargeEndings()

    init(_ charges: [OpenCharge]) {
        self.charges = Dictionary(charges.map { ($0.opening.charge, $0) }, uniquingKeysWith: { $1 })
    }

    /// Applies a record, after the transaction that entered it.
    mutating func took(_ record: ChargeRecord, segment: Int) {
        switch record {
        case .opened(let opening), .grown(let opening): took(opening, nil, segment)
        case .deferred(let deferral): took(deferral.opening, deferral, segment)
        // Other parts belong to a charge that is still open.
        case .settled(let settlement):
            guard settlement.part == 0 else { return }
            drop(settlement.charge)
            endings.settled(settlement.charge)
        case .released(let charge):
            let lastSegment = charges[charge]?.lastSegment
            drop(charge)
            endings.released(charge, segment: segment, lastSegment: lastSegment)
        }
    }

    /// Removes a charge.
    mutating func drop(_ charge: ChargeID) { charges[charge] = nil }

    private mutating func took(_ opening: ChargeOpening, _ deferral: ChargeDeferral?, _ segment: Int) {
        guard !endings.cover(opening.charge, segment: segment) else { return }
        guard let known = charges[opening.charge] else {
            charges[opening.charge] = OpenCharge(opening: opening, deferral: deferral, segment: segment)
            return
        }
        charges[opening.charge] = known.merged(opening, deferral, segment)
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

    /// The charges about which segments up to a number say what no row says: the ledger needs a row for each when these
    /// segments are deleted.
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

    // MARK: Reading order

    /// Notes that everything that was in the journal at one moment has been read.
    mutating func readAll() { endings.readAll() }

    /// Notes that a replay has read a whole segment.
    mutating func replayedSegment() { endings.forgetSettled() }

    /// See ``ChargeEndings/lastSegmentNeeded(by:readThrough:)``.
    func lastSegmentNeeded(by segment: Journal.Segment, readThrough number: Int) -> Int {
        endings.lastSegmentNeeded(by: segment, readThrough: number)
    }

    /// Notes that segments up to a number are deleted.
    mutating func retired(upTo segment: Int) { endings.retired(upTo: segment) }
}
