import NIOCore
import Synchronization

/// The open connections of one listener, so that a shutdown can reach all of them.
final class Connections: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isEnding = false
    }

    private let state = Mutex(State())

    /// Adds a new connection; false if the listener is ending and must not serve it.
    func opened(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isTaken = state.withLock { state in
            if !state.isEnding { state.channels[id] = channel }
            return !state.isEnding
        }
        if isTaken { channel.closeFuture.whenComplete { _ in self.closed(id) } }
        return isTaken
    }

    private func closed(_ id: ObjectIdentifier) { state.withLock { _ = $0.channels.removeValue(forKey: id) } }

    /// Asks every connection to close after its current answer, accepts no new ones, and returns when the last has
    /// closed.
    func quiesce() async {
        let channels = state.withLock { state in
            state.isEnding = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(QuiescingEvent()) }
        // A close future never fails.
        for channel in channels { try? await channel.closeFuture.get() }
    }

    /// Closes every connection now.
    func cut() {
        for channel in state.withLock({ Array($0.channels.values) }) { channel.close(promise: nil) }
    }
}

/// Asks a connection to close as soon as no answer is outstanding.
struct QuiescingEvent: Sendable {}
