/// The last numbers of a kind, in a ring.
struct RecentCounts<Element: Sendable>: Sendable {
    /// Enough for a median that a few outliers do not move, few enough to follow a model that changes.
    static var capacity: Int { 32 }

    private(set) var elements: [Element] = []
    private var next = 0

    /// Takes the place of the oldest once there are as many as fit.
    mutating func insert(_ element: Element) {
        guard elements.count == Self.capacity else { return elements.append(element) }
        elements[next] = element
        next = (next + 1) % Self.capacity
    }
}

extension RecentCounts<Int64> {
    /// Fewer numbers than these say nothing.
    private static var leastCount: Int { 4 }

    /// The number that three quarters are not above; nil while there are too few.
    ///
    /// Long tails pull a mean up and leave a median below it. The upper quartile is near the mean of such numbers and
    /// does not follow single outliers.
    var upperQuartile: Int64? {
        guard elements.count >= Self.leastCount else { return nil }
        return elements.sorted()[elements.count * 3 / 4]
    }
}
