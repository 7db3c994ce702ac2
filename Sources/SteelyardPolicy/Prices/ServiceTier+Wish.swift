extension ServiceTier {
    /// Whether a request leaves its tier to the settings of the provider's project: OpenAI's `auto`, which is the
    /// default and may mean priority (API reference, `service_tier`, 2026-11).
    static func isLeftToProject(_ word: String?) -> Bool { word == nil || word == "auto" }

    /// The tiers at which a request may be served and billed. The provider may or may not grant a requested tier, and
    /// an unknown word may mean any tier.
    static func possible(for word: String?) -> [ServiceTier] {
        switch word {
        case nil, "auto", "priority", "fast": [.standard, .priority]
        case "default", "standard", "scale": [.standard]
        case "flex": [.standard, .flex]
        case "batch": [.standard, .batch]
        case "ultrafast": [.standard, .priority, .ultrafast]
        default: allCases
        }
    }
}
