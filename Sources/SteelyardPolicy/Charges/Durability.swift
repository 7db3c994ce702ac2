/// What a charge's record survives.
public enum Durability: String, Hashable, Sendable, CaseIterable {
    /// The death of the process at any moment: the kernel has the record before the request leaves.
    case process
    /// A power cut as well: an opening is on the disk before its request leaves, and a settlement at the latest 5 ms
    /// after the end of its answer.
    case power
}
