import Glibc

// Unchecked: a script that sends on another thread reads on only one thread, and sending uses only the descriptor.
/// One accepted connection, as its script sees it.
public final class ScriptedConnection: @unchecked Sendable {
    /// Which connection of its server this is, counted from 0.
    public let index: Int
    private let descriptor: Int32
    private let server: ScriptedServer
    private var unread: [UInt8] = []

    init(descriptor: Int32, index: Int, server: ScriptedServer) {
        self.descriptor = descriptor
        self.index = index
        self.server = server
    }

    /// Reads one request and records it; nil if the client has closed.
    public func readRequest() -> ReceivedRequest? {
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

    /// Reads only a request's head and records nothing.
    public func readHead() -> String? {
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
    public func take(_ count: Int) -> [UInt8]? {
        while unread.count < count { guard readMore() else { return nil } }
        defer { unread.removeFirst(count) }
        return Array(unread[..<count])
    }

    /// Waits until the client has closed its side.
    public func waitForClose() { while readMore() {} }

    /// Sends text; false if the client has gone.
    @discardableResult
    public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends bytes; false if the client has gone.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
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

    /// Sends zeros until the other side has taken nothing for `milliseconds`; returns how many bytes were taken.
    public func sendUntilBlocked(milliseconds: Int) -> Int {
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

    /// Closes both directions now; the client's kernel knows it when this returns.
    public func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Makes the next close a reset.
    public func resetOnClose() {
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
