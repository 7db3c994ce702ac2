import Glibc
import Synchronization

/// A server that does exactly what a script says, byte by byte: a thread per connection, plain sockets.
final class ScriptedProvider: Sendable {
    typealias Script = @Sendable (ScriptedConnection) -> Void

    private struct State {
        var requests: [ReceivedRequest] = []
        var connectionCount = 0
        var open: Set<Int32> = []
        var isStopped = false
    }

    let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    /// Listens on a loopback port and runs `script` for every connection, which is closed when the script returns.
    init(_ script: @escaping Script) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                precondition(bind(descriptor, generic, length) == 0 && listen(descriptor, 1024) == 0)
                precondition(getsockname(descriptor, generic, &length) == 0)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        inNewThread { [self] in acceptAll(script) }
    }

    /// A server that answers every request on every connection with the same bytes.
    static func answering(_ answer: String) -> ScriptedProvider {
        ScriptedProvider { connection in
            while connection.readRequest() != nil { connection.send(answer) }
        }
    }

    /// Every request read by a script, in the order they were complete.
    var requests: [ReceivedRequest] { state.withLock(\.requests) }

    /// How many connections were accepted.
    var connectionCount: Int { state.withLock(\.connectionCount) }

    /// How many of them are open.
    var openConnectionCount: Int { state.withLock(\.open.count) }

    /// Closes the listener and every connection that is open.
    func stop() {
        state.withLock { state in
            state.isStopped = true
            // Within the lock: a descriptor that was closed meanwhile could be another test's by now.
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func acceptAll(_ script: @escaping Script) {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { break }
            let index = state.withLock { state in
                state.open.insert(descriptor)
                defer { state.connectionCount += 1 }
                return state.connectionCount
            }
            inNewThread { [self] in
                script(ScriptedConnection(descriptor: descriptor, index: index, server: self))
                finish(descriptor)
            }
        }
        close(listener)
    }

    private func finish(_ descriptor: Int32) {
        // Within the lock: `stop` must not shut down another connection of the same number.
        state.withLock { state in
            Glibc.close(descriptor)
            state.open.remove(descriptor)
        }
    }

    fileprivate func record(_ request: ReceivedRequest) { state.withLock { $0.requests.append(request) } }
}

/// What arrived at a scripted server.
struct ReceivedRequest: Sendable {
    /// The head with its blank line, as received.
    var head: String
    /// The body without its framing.
    var body: [UInt8]

    /// The first line.
    var requestLine: String { String(head.prefix { $0 != "\r\n" }) }

    /// The field lines, without the line ends.
    var fieldLines: [String] {
        head.split(separator: "\r\n", omittingEmptySubsequences: true).dropFirst().map(String.init)
    }

    /// The values of a field.
    func values(of name: String) -> [String] {
        fieldLines.filter { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
    }
}

/// One accepted connection, as its script sees it.
// Unchecked: a script that sends on another thread reads on one only, and sending touches nothing but the descriptor.
final class ScriptedConnection: @unchecked Sendable {
    /// Which connection of its server this is, counted from 0.
    let index: Int
    private let descriptor: Int32
    private let server: ScriptedProvider
    private var unread: [UInt8] = []

    fileprivate init(descriptor: Int32, index: Int, server: ScriptedProvider) {
        self.descriptor = descriptor
        self.index = index
        self.server = server
    }

    /// Reads one request and records it; nil when the client has closed.
    func readRequest() -> ReceivedRequest? {
        guard let head = readHead() else { return nil }
        var request = ReceivedRequest(head: head, body: [])
        if let length = request.values(of: "Content-Length").first.flatMap(Int.init) {
            guard let body = take(length) else { return nil }
            request.body = body
        } else if request.values(of: "Transfer-Encoding") == ["chunked"] {
            guard let body = readChunks() else { return nil }
            request.body = body
        }
        server.record(request)
        return request
    }

    /// Reads a request's head alone and records nothing.
    func readHead() -> String? {
        while true {
            if let end = unread.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound {
                defer { unread.removeFirst(end) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            guard readMore() else { return nil }
        }
    }

    private func readLine() -> String? {
        while true {
            if let end = unread.firstRange(of: Array("\r\n".utf8)) {
                defer { unread.removeFirst(end.upperBound) }
                return String(decoding: unread[..<end.lowerBound], as: UTF8.self)
            }
            guard readMore() else { return nil }
        }
    }

    private func readChunks() -> [UInt8]? {
        var body: [UInt8] = []
        while let line = readLine(), let size = Int(line, radix: 16) {
            guard let chunk = take(size), readLine() == "" else { return nil }
            if size == 0 { return body }
            body += chunk
        }
        return nil
    }

    /// Takes exactly `count` bytes.
    func take(_ count: Int) -> [UInt8]? {
        while unread.count < count { guard readMore() else { return nil } }
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }

    /// Waits until the client has closed its side.
    func waitForClose() { while readMore() {} }

    /// Sends text; false when the client is gone.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends bytes; false when the client is gone.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends zeros until the other side has taken nothing for `milliseconds`; gives how many were taken.
    func sendUntilBlocked(milliseconds: Int) -> Int {
        var patience = timeval(tv_sec: 0, tv_usec: milliseconds * 1000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let zeros = [UInt8](repeating: 0, count: 16 * 1024)
        var sent = 0
        while true {
            let count = Glibc.send(descriptor, zeros, zeros.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return sent }
            sent += count
        }
    }

    /// Closes both directions now; the client's kernel knows when this returns.
    func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Makes the coming close a reset.
    func resetOnClose() {
        var lingering = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &lingering, socklen_t(MemoryLayout<linger>.size))
    }

    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        unread += buffer[..<count]
        return true
    }
}

/// Runs `body` on a thread of its own.
func inNewThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let result = pthread_create(
        &thread,
        nil,
        { context in
            // Never nil: it is the box below.
            Unmanaged<Box>.fromOpaque(context.unsafelyUnwrapped).takeRetainedValue().body()
            return nil
        },
        Unmanaged.passRetained(Box(body)).toOpaque()
    )
    precondition(result == 0, "no thread: \(result)")
    pthread_detach(thread)
}
