import SteelyardPolicy
import SteelyardWire

/// Work that is billed by something other than tokens: characters, pictures, seconds.
extension Weighing {
    /// The weight of such work, from the request and the answer; nil where the model has no such price, or neither
    /// states the quantity.
    var counted: Weight? { spoken(estimate: nil) ?? pictured ?? timed }

    /// Speech is billed by the characters of the request, whatever happens to the answer once it has begun, so the cost
    /// is exact.
    func spoken(estimate: EstimateReason?) -> Weight? {
        guard route.speaks, let characters = request?.characterCount,
            hasPrice(of: .characters)
        else { return nil }
        return weight(of: Int64(characters), .characters, estimate: estimate)
    }

    /// Pictures with a price each: counts those that came or, if the answer broke off, those that were asked for.
    private var pictured: Weight? {
        guard route.answersInImages, facts?.usage == nil, hasPrice(of: .images) else { return nil }
        let count = facts?.dataEntryCount ?? 0
        if isFinal, count > 0 { return weight(of: Int64(count), .images, estimate: nil) }
        return weight(of: request?.choiceCount ?? 1, .images, estimate: .noUsage)
    }

    /// Sound and films are billed by their length. The cost is an estimate: how seconds are rounded is not published,
    /// and a film may still fail, which costs nothing.
    private var timed: Weight? {
        guard facts?.usage == nil, hasPrice(of: .duration), let microseconds else { return nil }
        return weight(of: microseconds, .duration, estimate: .noUsage)
    }

    /// When a film is extended, the answer gives the length of both parts together, and the request that of the new
    /// part.
    private var microseconds: Int64? {
        if route.answersInFilms {
            return request?.seconds.map { min($0, 86_400) * 1_000_000 } ?? facts?.durationMicroseconds
        }
        guard route.template.hasPrefix("/v1/audio/tran") else { return nil }
        return facts?.durationMicroseconds.map { ($0 + 999_999) / 1_000_000 * 1_000_000 }
    }

    private func hasPrice(of meter: Meter) -> Bool {
        rules.prices.hasPrice(of: meter, model: model.priced, at: openedAtSeconds)
    }

    private func weight(of quantity: Int64, _ meter: Meter, estimate: EstimateReason?) -> Weight {
        var meters = Meters()
        meters[meter] = quantity
        return priced(meters, estimate: estimate)
    }
}
