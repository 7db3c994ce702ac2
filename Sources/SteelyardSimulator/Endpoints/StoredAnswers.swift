import Synchronization

/// Answers that can be read again: responses, and chat completions with `store: true`. If there are too many, the
/// oldest are removed.
final class StoredAnswers: Sendable {
    enum Item: Sendable {
        case chat(Answer)
        /// `pollsLeft` reads still find it in progress.
        case response(ResponseObject, pollsLeft: Int)
    }

    private struct State {
        var items: [String: Item] = [:]
        var ids: [String] = []
    }

    private let state = Mutex(State())
    private let limit = 10_000

    func store(_ item: Item, id: String) {
        state.withLock { state in
            if state.items.updateValue(item, forKey: id) == nil { state.ids.append(id) }
            guard state.ids.count >= 2 * limit else { return }
            // Removes half at a time, so that removal has a constant cost per item.
            for id in state.ids.prefix(limit) { state.items[id] = nil }
            state.ids.removeFirst(limit)
        }
    }

    func chat(_ id: Substring) -> Answer? {
        guard case .chat(let answer) = state.withLock({ $0.items[String(id)] }) else { return nil }
        return answer
    }

    /// A response and whether it is done; each read brings a background response closer to its end.
    func poll(_ id: Substring) -> (ResponseObject, isDone: Bool)? {
        state.withLock { state in
            guard case .response(let response, let pollsLeft) = state.items[String(id)] else { return nil }
            guard pollsLeft > 0 else { return (response, true) }
            state.items[String(id)] = .response(response, pollsLeft: pollsLeft - 1)
            return (response, false)
        }
    }
}
