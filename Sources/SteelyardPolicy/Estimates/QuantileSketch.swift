/// The distribution of recent numbers, in buckets that grow by a fifth to a quarter each. Its size stays the same,
/// however many numbers it takes.
struct QuantileSketch {
    /// Four buckets for each doubling, up to 2²⁸, which is beyond any model's context.
    private static let bucketCount = 108
    /// Only recent numbers matter: at this count all buckets are halved. 1 % of this many numbers is a tail of twenty.
    private static let fadingCount: Int64 = 2048

    private var buckets = [UInt32](repeating: 0, count: Self.bucketCount)
    /// All buckets above this one are empty.
    private var highest = 0
    /// The count of numbers in the buckets.
    private(set) var count: Int64 = 0

    /// Adds a number. A negative number counts as 0.
    mutating func insert(_ number: Int64) {
        let bucket = Self.bucket(of: number)
        buckets[bucket] += 1
        highest = max(highest, bucket)
        count += 1
        if count >= Self.fadingCount { fade() }
    }

    /// A number that at most one number in a hundred exceeds: the upper end of a bucket. With fewer than a hundred
    /// numbers it is the upper end of the largest one's bucket. Nil when there are no numbers.
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
