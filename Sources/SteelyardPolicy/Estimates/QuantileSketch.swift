/// How large recent numbers were, in buckets that grow by a fifth to a quarter each: as large whatever it is fed.
struct QuantileSketch {
    /// Four buckets to each doubling, up to 2²⁸: beyond any model's context.
    private static let bucketCount = 108
    /// The last few hundred numbers count: 1 % of so many is a tail of twenty.
    private static let fadingCount: Int64 = 2048

    private var buckets = [UInt32](repeating: 0, count: Self.bucketCount)
    /// No bucket above it has anything in it.
    private var highest = 0
    /// How many numbers are in the buckets.
    private(set) var count: Int64 = 0

    /// Takes in a number; a negative one counts as 0.
    mutating func insert(_ number: Int64) {
        let bucket = Self.bucket(of: number)
        buckets[bucket] += 1
        highest = max(highest, bucket)
        count += 1
        if count >= Self.fadingCount { fade() }
    }

    /// A number that at most one in a hundred was larger than: the upper end of its bucket, and of the largest when there
    /// were fewer than a hundred. Nil when there were none.
    var p99: Int64? {
        guard count > 0 else { return nil }
        var larger: Int64 = 0
        for bucket in (0...highest).reversed() {
            larger += Int64(buckets[bucket])
            if larger > count / 100 { return Self.upperEnd(of: bucket) }
        }
        return 0
    }

    private mutating func fade() {
        count = 0
        for bucket in buckets.indices {
            buckets[bucket] /= 2
            count += Int64(buckets[bucket])
        }
        highest = buckets.lastIndex { $0 > 0 } ?? 0
    }

    private static func bucket(of number: Int64) -> Int {
        guard number >= 4 else { return Int(max(0, number)) }
        let log = 63 - number.leadingZeroBitCount
        return min(bucketCount - 1, 4 * (log - 1) + Int(number >> (log - 2)) & 3)
    }

    private static func upperEnd(of bucket: Int) -> Int64 {
        guard bucket >= 4 else { return Int64(bucket) }
        let log = bucket / 4 + 1
        return Int64(bucket % 4 + 5) << (log - 2) - 1
    }
}
