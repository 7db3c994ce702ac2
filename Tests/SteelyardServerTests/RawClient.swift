import Glibc

/// A client connection that sends and receives exactly the bytes it is told, over blocking calls.
// Unchecked: a test that sends and receives on two threads does one of them on each, which the kernel allows.
final class RawClient: @unchecked Sendable {
    /// How a connection ended, as the client sees it.
    enum Ending: Equatable {
        case fin, reset
        /// Nothing came for ten seconds.
        case stillOpen
    }

    private var descriptor: CInt
    private var unread: [UInt8] = []

    /// Connects to a loopback port; `receiveBufferBytes` makes the kernel take less than it usually would.
    init(port: Int, receiveBufferBytes: CInt? = nil) {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        // If a byte is lost, the test must fail and not hang.
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var yes: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
        if var size = receiveBufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<CInt>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { close() }

    /// Sends everything; false if the other side has gone.
    @discardableResult
    func send(_ bytes: some Collection<UInt8>) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Sends text; false if the other side has gone.
    @discardableResult
    func send(_ text: String) -> Bool { send(text.utf8) }

    /// Sends at most `limit` zeros until the other side has taken nothing for `milliseconds` or has gone; returns how
    /// many were taken.
    func sendUntilBlocked(milliseconds: Int, limit: Int = .max) -> Int {
        var patience = timeval(tv_sec: 0, tv_usec: milliseconds * 1000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let zeros = [UInt8](repeating: 0, count: 64 * 1024)
        var sent = 0
        while sent < limit {
            let count = Glibc.send(descriptor, zeros, min(zeros.count, limit - sent), CInt(MSG_NOSIGNAL))
            guard count > 0 else { break }
            sent += count
        }
        return sent
    }

    /// Sends nothing more: the other side sees a FIN.
    func finishSending() { shutdown(descriptor, CInt(SHUT_WR)) }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// Ends the connection by a reset.
    func reset() {
        var lingering = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &lingering, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Reads once; nil if bytes arrived, otherwise how the connection ended.
    private func readMore(limit: Int = 65_536) -> Ending? {
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        if count == 0 { return .fin }
        if count < 0 { return errno == ECONNRESET ? .reset : .stillOpen }
        unread += bytes[..<count]
        return nil
    }

    /// Everything up to the end of the connection.
    func receiveAll() -> (bytes: [UInt8], ending: Ending) {
        while true {
            if let ending = readMore() {
                defer { unread = [] }
                return (unread, ending)
            }
        }
    }

    /// How the connection ends, whatever comes before.
    func receiveEnding() -> Ending { receiveAll().ending }

    /// Exactly that many bytes; fewer if the connection ends first.
    func receive(count: Int) -> [UInt8] {
        while unread.count < count, readMore(limit: min(count - unread.count, 65_536)) == nil {}
        let taken = Array(unread.prefix(count))
        unread.removeFirst(taken.count)
        return taken
    }

    /// The bytes up to and including `end`; fewer if the connection ends first.
    func receive(through end: String) -> String {
        while true {
            if let range = unread.firstRange(of: Array(end.utf8)) {
                defer { unread.removeFirst(range.upperBound) }
                return String(decoding: unread[..<range.upperBound], as: UTF8.self)
            }
            if readMore() != nil {
                defer { unread = [] }
                return String(decoding: unread, as: UTF8.self)
            }
        }
    }

    /// The next answer; nil if the connection ends before it is complete.
    func receiveAnswer(toHEAD: Bool = false) -> ReceivedAnswer? {
        var neededCount = 1
        while true {
            while unread.count < neededCount { if readMore() != nil { return nil } }
            switch ReceivedAnswer.parse(unread, toHEAD: toHEAD) {
            case .whole(let answer, let byteCount):
                unread.removeFirst(byteCount)
                return answer
            case .partial(let count): neededCount = count
            }
        }
    }
}
