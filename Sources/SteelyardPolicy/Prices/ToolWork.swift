/// What another model did as one of a request's tools. It is billed at that model's own prices, in addition to the
/// request's.
///
/// OpenAI's Responses API makes pictures in this way: `tool_usage.image_gen` has tokens of an image model, which are
/// never part of `usage`.
public struct ToolWork: Hashable, Sendable {
    /// The model's name in the price book; empty if the model is not known.
    public var model: String
    /// The quantities that it was used for.
    public var meters: Meters

    /// Makes an entry.
    public init(model: String, meters: Meters) {
        self.model = model
        self.meters = meters
    }
}

extension Meters {
    /// Adds the work of a tool's model to its earlier work.
    public mutating func add(_ work: ToolWork) {
        guard let known = toolWork.firstIndex(where: { $0.model == work.model }) else {
            return toolWork.append(work)
        }
        toolWork[known].meters.add(work.meters)
    }

    private mutating func add(_ other: Meters) {
        self = Meters(promptTokens: promptTokens.addingClamped(other.promptTokens), copying: self)
        for meter in Meter.allCases { self[meter] = self[meter].addingClamped(other[meter]) }
    }

    /// Whether a quantity was assumed because no answer states it: how often a search model searched, and how long a
    /// container ran (OpenAI bills its minutes, five at least, since 2026-06-02).
    public var hasAssumedFees: Bool { Meter.assumed.contains { self[$0] > 0 } }
}

extension Meter {
    /// The meters whose quantities are assumed.
    fileprivate static let assumed: [Meter] = [
        .assumedSearches, .containerSessions, .containerSessions4G, .containerSessions16G, .containerSessions64G,
    ]

    /// The fee of a container with this much memory (`1g`, `4g`, `16g`, `64g`); nil for other words.
    public init?(containerMemory: String) {
        switch containerMemory {
        case "1g": self = .containerSessions
        case "4g": self = .containerSessions4G
        case "16g": self = .containerSessions16G
        case "64g": self = .containerSessions64G
        default: return nil
        }
    }
}
