/// The latest numbers of one kind, in a ring.
struct RecentCounts<Element: Sendable>: Sendable {
    /// Enough for a median that a few outliers do not move, and few enough to follow a model that changes.
    static var capacity: Int { 32 }

    private(set) var elements: [Element] = []
    private var next = 0

    /// Adds a number. When the ring is full, it replaces the oldest.
    mutating func insert(_ element: Element) {
        guard elements.count == Self.capacity else { return elements.append(element) }
        elements[next] = element
        next = (next + 1) % Self.capacity
    }
}

extension RecentCounts<Int64> {
    /// The fewest numbers that say anything.
    private static var leastCount: Int { 4 }

    /// The number that three quarters do not exceed; nil while there are too few.
    ///
    /// A long tail makes the mean larger than most numbers and leaves the median below the mean. The upper quartile is
    /// near the mean of such numbers, and single outliers do not move it.
    var upperQuartile: Int64? {
        guard elements.count >= Self.leastCount else { return nil }
        return elements.sorted()[elements.count * 3 / 4]
    }
}
