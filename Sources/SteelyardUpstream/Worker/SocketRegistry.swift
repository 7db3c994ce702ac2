import CCurl
import Glibc

/// The sockets libcurl has open on one worker: which of them have served a request, and whether bytes wait in one.
///
/// libcurl 7.88.1 gives an idle connection that holds unread bytes to the next request, which takes them for its own
/// answer (repaired in 8.0.0, curl pull request 10690). It does not say which socket a request is about to use
/// (`CURLINFO_ACTIVESOCKET` is −1 at that point), only its addresses. So the registry searches by local port.
final class SocketRegistry {
    /// One open socket.
    final class OpenSocket {
        let descriptor: Int32
        fileprivate(set) var requestCount = 0
        /// Whether it was given up and waits for libcurl to close it.
        fileprivate var isGivenUp = false
        /// Its requests that have not ended; a paused one leaves its answer unread.
        private var runningCount = 0
        /// With HTTP/2, frames may arrive at any time, so unread bytes mean nothing. If HTTP/2 may be negotiated, this
        /// is true until the first answer shows the version.
        var isMultiplexed: Bool

        init(_ descriptor: Int32, isMultiplexed: Bool) {
            self.descriptor = descriptor
            self.isMultiplexed = isMultiplexed
        }

        /// Whether it has taken more than one request.
        var isUsedAgain: Bool { requestCount > 1 }

        /// A request is about to be sent on it.
        func takesRequest() {
            requestCount += 1
            runningCount += 1
        }

        /// A request that was sent on it has ended.
        fileprivate func endedRequest() { runningCount -= 1 }

        /// Whether it waits for the next request.
        var isIdle: Bool { runningCount == 0 }

        /// Whether there are bytes to read, or the peer has closed, on a connection that should be silent.
        ///
        /// Always false for a fresh connection, because unread TLS 1.3 session tickets wait there.
        var isUnclean: Bool {
            guard requestCount > 0, !isMultiplexed else { return false }
            var byte: UInt8 = 0
            let count = recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT))
            return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK)
        }
    }

    private let poll: EventPoll
    private var sockets: [Int32: OpenSocket] = [:]
    /// Sockets whose local port is not known yet: they had no address when they were made.
    private var unnamed: [OpenSocket] = []
    /// A port can be in use towards several peers at once, so this is a list; nearly always it has one element.
    private var socketsByLocalPort: [UInt16: [OpenSocket]] = [:]

    /// Makes a registry that tells `poll` which descriptors are gone.
    init(poll: EventPoll) { self.poll = poll }

    /// Whether any socket is open.
    var hasOpen: Bool { !sockets.isEmpty }

    /// Whether there is a socket that was given up and that libcurl has not closed yet.
    var hasGivenUp: Bool { sockets.values.contains(where: \.isGivenUp) }

    /// Whether the descriptor is one of these sockets, whose closing is reported.
    func contains(_ descriptor: Int32) -> Bool { sockets[descriptor] != nil }

    /// Opens a socket for libcurl.
    func open(_ address: UnsafePointer<curl_sockaddr>, isMultiplexed: Bool) -> Int32 {
        let descriptor = ccurl_open_socket(address)
        guard descriptor >= 0 else { return -1 }
        let opened = OpenSocket(descriptor, isMultiplexed: isMultiplexed)
        sockets[descriptor] = opened
        unnamed.append(opened)
        return descriptor
    }

    /// Closes a socket for libcurl.
    func close(_ descriptor: Int32) -> Int32 {
        if let closed = sockets.removeValue(forKey: descriptor) { forget(closed) }
        poll.closed(descriptor)
        return Glibc.close(descriptor)
    }

    /// A request that was sent on `socket` has ended; anything that comes on it from now on is a disturbance.
    func endedRequest(on socket: OpenSocket) {
        socket.endedRequest()
        if sockets[socket.descriptor] === socket { poll.keep(socket.descriptor) }
    }

    /// A socket became ready while libcurl does not watch it. If it has no request, the provider has closed it, or sent
    /// bytes that nobody asked for. No request will be sent on it (``OpenSocket/isUnclean``), so it is shut down now,
    /// and the provider does not have to keep its side open. libcurl has no call to close an idle connection;
    /// ``ConnectionSweep`` makes it do so.
    ///
    /// - Returns: Whether the socket was given up.
    func disturbed(_ descriptor: Int32) -> Bool {
        guard let socket = sockets[descriptor], socket.isIdle, socket.isUnclean else { return false }
        shutdown(descriptor, Int32(SHUT_RDWR))
        socket.isGivenUp = true
        return true
    }

    private func forget(_ closed: OpenSocket) {
        unnamed.removeAll { $0 === closed }
        guard let port = SocketAddress.local(of: closed.descriptor)?.port else { return }
        socketsByLocalPort[port]?.removeAll { $0 === closed }
        if socketsByLocalPort[port]?.isEmpty == true { socketsByLocalPort[port] = nil }
    }

    /// The socket between these two ends, as libcurl spells them.
    func socket(localPort: UInt16, peerPort: UInt16, peerAddress: UnsafePointer<CChar>) -> OpenSocket? {
        nameUnnamed()
        guard let candidates = socketsByLocalPort[localPort] else { return nil }
        if candidates.count == 1 { return candidates[0] }
        return candidates.first { candidate in
            guard let peer = SocketAddress.peer(of: candidate.descriptor) else { return false }
            return peer.port == peerPort && peer.isSpelled(peerAddress)
        }
    }

    private func nameUnnamed() {
        guard !unnamed.isEmpty else { return }
        unnamed.removeAll { candidate in
            guard let port = SocketAddress.local(of: candidate.descriptor)?.port, port != 0 else { return false }
            socketsByLocalPort[port, default: []].append(candidate)
            return true
        }
    }
}
