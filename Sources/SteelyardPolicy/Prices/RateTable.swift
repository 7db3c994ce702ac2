/// The rates of one row, with every "no separate price" resolved. A meter without a rate is not priced.
struct RateTable: Sendable {
    private let rates: [Rate?]

    /// Whether at least one price is declared, and all of them are zero: free is not the same as unpriced.
    let isFree: Bool

    init(_ prices: [Meter: DeclaredPrice]) {
        rates = Meter.allCases.map { Self.rate(of: $0, in: prices) }
        let declared = prices.filter { $0.key.family != .fees }.values
        isFree = !declared.isEmpty && declared.allSatisfy { $0 == .rate(.zero) || $0 == .asPlain }
    }

    subscript(meter: Meter) -> Rate? { rates[Int(meter.rawValue)] }

    /// A meter without a price is billed as the plain meter that it belongs to; an unknown price is no rate.
    private static func rate(of meter: Meter, in prices: [Meter: DeclaredPrice]) -> Rate? {
        switch prices[meter] {
        case .rate(let rate): rate
        case .undisclosed: nil
        case .asPlain, nil: plainMeter(of: meter, in: prices).flatMap { rate(of: $0, in: prices) }
        }
    }

    /// For a model that treats images as text, a cached image is cached text.
    private static func plainMeter(of meter: Meter, in prices: [Meter: DeclaredPrice]) -> Meter? {
        meter == .cachedImageInput && prices[.imageInput] == nil ? .cachedInput : meter.plainMeter
    }
}
