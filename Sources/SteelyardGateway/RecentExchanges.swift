import SteelyardExchange
import Synchronization

/// The exchanges that ended last, for `/admin/v1/requests`: facts about them, never their content.
final class RecentExchanges: Sendable {
    /// An exchange that ended, and when.
    struct Ended: Sendable {
        let summary: ExchangeSummary
        let wallSeconds: Int64
    }

    private struct Ring {
        var items: [Ended] = []
        var next = 0
    }

    private static let limit = 500
    private let ring = Mutex(Ring())

    /// Adds an exchange; the oldest one makes room.
    func add(_ summary: ExchangeSummary, wallSeconds: Int64) {
        let ended = Ended(summary: summary, wallSeconds: wallSeconds)
        ring.withLock { ring in
            if ring.items.count < Self.limit { ring.items.append(ended) } else { ring.items[ring.next] = ended }
            ring.next = (ring.next + 1) % Self.limit
        }
    }

    /// The latest exchanges, newest first.
    func latest(_ count: Int, team: String?) -> [Ended] {
        let (items, next) = ring.withLock { ($0.items, $0.next) }
        let ordered = items.count < Self.limit ? items : Array(items[next...] + items[..<next])
        return Array(ordered.reversed().lazy.filter { team == nil || $0.summary.team == team }.prefix(count))
    }
}
