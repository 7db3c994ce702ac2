internal import Synchronization

/// A series of durations sorted into buckets. Callers keep the object: observing is two atomic instructions.
public final class Histogram: Sendable {
    private let bounds: BucketBounds
    /// One for each possible bound (``BucketBounds/capacity``) and one for `+Inf`, inside the object.
    private let buckets = InlineArray<32, Atomic<UInt64>> { _ in Atomic(0) }
    private let sum = WideTotal()
    private let exemplars = ExemplarSlots()

    init(bounds: BucketBounds) { self.bounds = bounds }

    /// How many durations have been observed.
    public var count: UInt64 { cumulativeCounts().last ?? 0 }

    /// The sum of all durations in nanoseconds.
    public var sumNanoseconds: Int128 { sum.total }

    /// Counts a duration; an exemplar becomes the last one of its bucket.
    public func observe(nanoseconds: UInt64, exemplar: Exemplar? = nil) {
        let bucket = bounds.bucket(of: nanoseconds)
        let amount = Int64(clamping: nanoseconds)
        buckets[bucket].wrappingAdd(1, ordering: .relaxed)
        sum.add(amount)
        if let exemplar { exemplars.keep(exemplar, amount: amount, slot: bucket, of: bounds.edges.count) }
    }

    /// The count of each bucket and those below it, reading each counter once. The last one is the total count, so
    /// `_count` and the `+Inf` bucket agree even while threads observe.
    private func cumulativeCounts() -> [UInt64] {
        var running: UInt64 = 0
        return bounds.edges.indices.map { index in
            running &+= buckets[index].load(ordering: .relaxed)
            return running
        }
    }
}

extension Histogram: Sampled {
    func appendSamples(to text: inout [UInt8], name: [UInt8], labels: [UInt8], format: ExpositionFormat) {
        let counts = cumulativeCounts()
        let kept = format.isOpenMetrics ? exemplars.all : []
        for (bucket, count) in counts.enumerated() {
            appendBucketHead(bucket, to: &text, name: name, labels: labels)
            text.append(number: count)
            if !kept.isEmpty, let kept = kept[bucket] { text.append(kept, places: 9) }
            text.appendLineFeed()
        }
        text.append(sample: name, suffix: "_sum", labels: labels)
        text.append(decimal: sum.total, places: 9)
        text.appendLineFeed()
        text.append(sample: name, suffix: "_count", labels: labels)
        text.append(number: counts.last ?? 0)
        text.appendLineFeed()
    }

    private func appendBucketHead(_ bucket: Int, to text: inout [UInt8], name: [UInt8], labels: [UInt8]) {
        text.append(contentsOf: name)
        text.append(text: "_bucket{")
        text.append(contentsOf: labels)
        if !labels.isEmpty { text.append(UInt8(ascii: ",")) }
        text.append(contentsOf: bounds.edges[bucket])
    }
}
