import SteelyardPolicy

/// The charges that have ended lately, for records of theirs that are read after their end.
///
/// A reader reads one segment after another, each up to where it ended at that moment. So of two records in two segments
/// it may read the later one first; it then finds the earlier one at the latest when it has read everything once more.
/// After that an ending is forgotten. (A deferral may even be written after the settlement; the ledger's entry covers
/// that, see ``LedgerBooks/enter(_:segment:)``.)
struct ChargeEndings {
    private struct Endings {
        var settled: Set<ChargeID> = []
        /// With the segment that has the release.
        var released: [ChargeID: Int] = [:]
    }

    private var latest = Endings()
    private var earlier = Endings()
    /// By a segment with releases: the highest segment with other records of the released charges.
    ///
    /// Without its release such a record looks like an open charge. So if the process is killed, a release must not have
    /// been deleted before them. A settlement may be, because the ledger has its entry.
    private var partners: [Int: Int] = [:]
    /// The segments with releases.
    private var releasing: Set<Int> = []

    mutating func settled(_ charge: ChargeID) { latest.settled.insert(charge) }

    /// - Parameter lastSegment: The highest segment with a record of the charge that was read before.
    mutating func released(_ charge: ChargeID, segment: Int, lastSegment: Int?) {
        latest.released[charge] = segment
        releasing.insert(segment)
        if let lastSegment { join(segment, lastSegment) }
    }

    /// Whether a charge has ended, of which a record is in some segment.
    mutating func cover(_ charge: ChargeID, segment: Int) -> Bool {
        guard let release = latest.released[charge] ?? earlier.released[charge] else {
            return latest.settled.contains(charge) || earlier.settled.contains(charge)
        }
        join(release, segment)
        return true
    }

    private mutating func join(_ release: Int, _ other: Int) {
        if other > release { partners[release] = max(partners[release] ?? 0, other) }
    }

    mutating func readAll() { (earlier, latest) = (latest, Endings()) }

    mutating func forgetSettled() { latest.settled = [] }

    /// Up to which segment a segment must be deleted together with others, because of its releases; `Int.max` if that is
    /// not known yet.
    ///
    /// - Parameter number: Everything up to this segment has been read since `segment` was closed.
    func lastSegmentNeeded(by segment: Journal.Segment, readThrough number: Int) -> Int {
        guard releasing.contains(segment.number) else { return segment.number }
        guard segment.peersThrough <= number else { return .max }
        return partners[segment.number] ?? segment.number
    }

    mutating func retired(upTo segment: Int) {
        partners = partners.filter { $0.key > segment }
        releasing = releasing.filter { $0 > segment }
    }
}
