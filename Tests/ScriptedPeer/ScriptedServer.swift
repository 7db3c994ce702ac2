import Glibc
import Synchronization

/// A server that does exactly what a script says, byte by byte: one thread per connection, plain sockets.
public final class ScriptedServer: Sendable {
    /// What a server does with one connection, on its own thread.
    public typealias Script = @Sendable (ScriptedConnection) -> Void

    private struct State {
        var requests: [ReceivedRequest] = []
        var connectionCount = 0
        var open: Set<Int32> = []
        var isStopped = false
    }

    /// The loopback port that it listens on.
    public let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    /// Listens on a loopback port and runs `script` for every connection, which is closed when the script returns.
    public init(_ script: @escaping Script) {
        (listener, port) = Self.listenOnLoopback()
        inNewThread { [self] in acceptAll(script) }
    }

    /// A server that answers every request on every connection with the same bytes.
    public static func answering(_ answer: String) -> ScriptedServer {
        ScriptedServer { connection in
            while connection.readRequest() != nil { connection.send(answer) }
        }
    }

    /// Every request that a script has read, in the order of their completion.
    public var requests: [ReceivedRequest] { state.withLock(\.requests) }

    /// How many connections were accepted.
    public var connectionCount: Int { state.withLock(\.connectionCount) }

    /// How many of them are open.
    public var openConnectionCount: Int { state.withLock(\.open.count) }

    /// Closes the listener and every connection that is open.
    public func stop() {
        // Once, and under the lock: a closed descriptor may already belong to another test.
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            shutdown(listener, Int32(SHUT_RDWR))
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    func record(_ request: ReceivedRequest) { state.withLock { $0.requests.append(request) } }

    private static func listenOnLoopback() -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                precondition(bind(descriptor, generic, length) == 0 && listen(descriptor, 1024) == 0)
                precondition(getsockname(descriptor, generic, &length) == 0)
            }
            return (descriptor, UInt16(bigEndian: pointer.pointee.sin_port))
        }
    }

    private func acceptAll(_ script: @escaping Script) {
        while let (descriptor, index) = acceptNext() {
            inNewThread { [self] in
                script(ScriptedConnection(descriptor: descriptor, index: index, server: self))
                finish(descriptor)
            }
        }
        // Under the lock, like `finish`; and a listener that is gone need not be stopped.
        state.withLock { state in
            state.isStopped = true
            Glibc.close(listener)
        }
    }

    private func acceptNext() -> (descriptor: Int32, index: Int)? {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        return state.withLock { state in
            // `stop` was just closing the open connections when this one was accepted, so it has not seen this one.
            if state.isStopped { shutdown(descriptor, Int32(SHUT_RDWR)) }
            state.open.insert(descriptor)
            defer { state.connectionCount += 1 }
            return (descriptor, state.connectionCount)
        }
    }

    private func finish(_ descriptor: Int32) {
        // Under the lock: `stop` must not shut down another connection with the same descriptor number.
        state.withLock { state in
            Glibc.close(descriptor)
            state.open.remove(descriptor)
        }
    }
}
