/// What a record of a charge survives.
public enum Durability: String, Hashable, Sendable, CaseIterable {
    /// The death of the process at any moment: the record is with the kernel before a request leaves.
    case process
    /// A power cut as well: an opening is on the disk before its request leaves, a settlement 5 ms after its answer's
    /// end at the latest.
    case power
}
