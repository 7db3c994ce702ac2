import NIOCore
import Synchronization

/// The open connections of a simulator, so that a shutdown can end them.
final class Connections: Sendable {
    private let channels = Mutex<[ObjectIdentifier: any Channel]>([:])

    func opened(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        channels.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { _ in _ = self.channels.withLock { $0.removeValue(forKey: id) } }
    }

    /// Closes idle connections, lets answers finish for `grace`, closes the rest, and waits until all are gone.
    func quiesce(grace: TimeAmount) async {
        for channel in open() {
            channel.pipeline.fireUserInboundEventTriggered(ConnectionHandler.Quiescing())
            channel.eventLoop.scheduleTask(in: grace) { channel.close(promise: nil) }
        }
        for channel in open() { try? await channel.closeFuture.get() }
    }

    private func open() -> [any Channel] { channels.withLock { Array($0.values) } }
}
