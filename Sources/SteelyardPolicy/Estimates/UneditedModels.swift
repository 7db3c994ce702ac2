import Synchronization

/// Remembers which models of which providers refused a request because it asked for usage, so that each is asked only
/// once.
///
/// The memory is bounded: at the limit nothing new is remembered, and a model that is not remembered costs one refused
/// attempt per request.
public final class UneditedModels: Sendable {
    private struct Place: Hashable {
        var provider: String
        var model: String
    }

    private static let limit = 1024
    private let places = Mutex<Set<Place>>([])

    /// Starts with nothing remembered.
    public init() {}

    /// Whether this model of this provider has refused before.
    public func contains(provider: String, model: String) -> Bool {
        places.withLock { $0.contains(Place(provider: provider, model: model)) }
    }

    /// Remembers a refusal.
    public func insert(provider: String, model: String) {
        places.withLock { places in
            guard places.count < Self.limit else { return }
            places.insert(Place(provider: provider, model: model))
        }
    }
}
