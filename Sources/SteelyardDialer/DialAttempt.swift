import CCurl
import Glibc

/// One libcurl easy handle that opens one connection.
///
/// Lifetime: libcurl has an unretained pointer to this object. It uses it only while the handle is in the multi handle,
/// and for that time the loop keeps the object. `deinit` frees the handle.
final class DialAttempt {
    let dial: Dial
    let easy: UnsafeMutableRawPointer
    let guards: DialGuards
    /// libcurl reads it during the transfer and does not copy it.
    let url: OpaquePointer
    /// Set when a socket to a link-local address was refused.
    private(set) var refusedLinkLocal = false
    /// The `errno` of a socket that could not be opened; 0 for none.
    private(set) var socketError: Int32 = 0

    /// Makes an attempt; nil when there is no memory.
    init?(_ dial: Dial, guards: DialGuards) {
        guard let easy = curl_easy_init() else { return nil }
        guard let url = curl_url() else {
            curl_easy_cleanup(easy)
            return nil
        }
        self.dial = dial
        self.easy = easy
        self.guards = guards
        self.url = url
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_url_cleanup(url)
    }

    /// libcurl opens a socket to `address`: the host's, or the proxy's, which may be link-local because the operator
    /// named it as such.
    func opensSocket(to address: UnsafePointer<curl_sockaddr>) -> Int32 {
        if checksAddresses, SocketAddress(address).isLinkLocal {
            refusedLinkLocal = true
            return CURL_SOCKET_BAD
        }
        let descriptor = ccurl_open_socket(address)
        if descriptor < 0 { socketError = errno }
        return descriptor
    }

    private var checksAddresses: Bool {
        guards.contains(.linkLocal) && !dial.target.allowsLinkLocal && dial.target.proxy == nil
    }
}
