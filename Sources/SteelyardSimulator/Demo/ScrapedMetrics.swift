/// The samples of a Prometheus text exposition, as a monitoring system has them after a scrape.
struct ScrapedMetrics: Sendable {
    /// One line of the exposition.
    struct Sample: Sendable {
        var labels: [String: String] = [:]
        /// A double, as in Prometheus: for display, not for accounting.
        var value: Double
    }

    private var byName: [Substring: [Sample]] = [:]

    /// Reads the text; lines that are not samples are skipped.
    init(_ text: String) {
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                continue
            }
            let series = line[..<space]
            let name = series.prefix { $0 != "{" }
            byName[name, default: []].append(Sample(labels: Self.labels(series.dropFirst(name.count)), value: value))
        }
    }

    /// The samples with this name and these label values.
    func samples(_ name: String, _ wanted: [String: String] = [:]) -> [Sample] {
        (byName[Substring(name)] ?? []).filter { sample in wanted.allSatisfy { sample.labels[$0.key] == $0.value } }
    }

    /// Their sum.
    func sum(_ name: String, _ wanted: [String: String] = [:]) -> Double {
        samples(name, wanted).reduce(0) { $0 + $1.value }
    }

    /// The quantile of a histogram over all series that match; `nil` without observations.
    ///
    /// Interpolated within its bucket, as PromQL's `histogram_quantile` does.
    func quantile(_ quantile: Double, of name: String, _ wanted: [String: String] = [:]) -> Double? {
        var counts: [Double: Double] = [:]
        for sample in samples(name + "_bucket", wanted) {
            guard let edge = sample.labels["le"].flatMap({ $0 == "+Inf" ? .infinity : Double($0) }) else { continue }
            counts[edge, default: 0] += sample.value
        }
        guard let total = counts[.infinity], total > 0 else { return nil }
        return Self.interpolate(counts.sorted { $0.key < $1.key }, rank: quantile * total)
    }

    private static func interpolate(_ buckets: [(key: Double, value: Double)], rank: Double) -> Double? {
        var (lowerEdge, lowerCount) = (0.0, 0.0)
        for (edge, count) in buckets {
            // Above the last bound, only the bound is known.
            if edge == .infinity { return lowerEdge }
            if count >= rank, count > lowerCount {
                return lowerEdge + (edge - lowerEdge) * (rank - lowerCount) / (count - lowerCount)
            }
            (lowerEdge, lowerCount) = (edge, count)
        }
        return nil
    }

    /// `{a="x",b="y"}`; Steelyard's label values contain no quotes, so nothing is unescaped here.
    private static func labels(_ text: Substring) -> [String: String] {
        var labels: [String: String] = [:]
        for pair in text.dropFirst().dropLast().split(separator: "\",") {
            guard let equals = pair.firstIndex(of: "=") else { continue }
            let value = pair[pair.index(after: equals)...].drop { $0 == "\"" }
            labels[String(pair[..<equals])] = String(value.last == "\"" ? value.dropLast() : value)
        }
        return labels
    }
}
