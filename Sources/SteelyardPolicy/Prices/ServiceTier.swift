/// The class of service of a request; each has its own prices.
public enum ServiceTier: String, CaseIterable, Sendable {
    /// The plain price.
    case standard
    /// Answered within a day, at about half the price; recognised by the path, not by the answer.
    case batch
    /// Answered when there is room, at about half the price.
    case flex
    /// Answered sooner, at 1.7 to 2.5 times the price; sold as "fast mode" since 2026-07-30.
    case priority
    /// The fastest, at 6 times the price.
    case ultrafast
}

/// What an answer's `service_tier` says about the tier that served it.
public struct ServedTier: Hashable, Sendable {
    /// The tier to price by.
    public let tier: ServiceTier
    /// Whether the word is known; an unknown word is priced as standard, and should be counted.
    public let isRecognised: Bool

    /// Reads the **answer's** `service_tier`; the request's own is only a wish. Nil: the answer had none.
    ///
    /// `auto` is never a price, and `scale` is prepaid: both count as standard. `fast` is the new name of `priority`.
    public init(answered word: String?) {
        switch word {
        case nil, "default", "auto", "scale", "standard": self.init(tier: .standard, isRecognised: true)
        case "batch": self.init(tier: .batch, isRecognised: true)
        case "flex": self.init(tier: .flex, isRecognised: true)
        case "priority", "fast": self.init(tier: .priority, isRecognised: true)
        case "ultrafast": self.init(tier: .ultrafast, isRecognised: true)
        default: self.init(tier: .standard, isRecognised: false)
        }
    }

    /// Makes a tier that is known in another way, such as `batch` from the path.
    public init(tier: ServiceTier, isRecognised: Bool = true) {
        (self.tier, self.isRecognised) = (tier, isRecognised)
    }
}
