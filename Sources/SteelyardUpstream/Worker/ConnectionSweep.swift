import CCurl

/// Makes libcurl close the idle connections that are of no use any more: those the provider has closed, and those that
/// are too old.
///
/// libcurl looks for them only when a transfer asks for a connection, and at most once a second (`prune_dead_connections`
/// in 7.88.1). Without traffic their descriptors would stay open. So a transfer of our own asks for a connection, and is
/// given no socket.
final class ConnectionSweep {
    /// libcurl ignores a sweep that comes sooner after the last one.
    private static let pauseNanoseconds: UInt64 = 1_001_000_000

    private let easy: UnsafeMutableRawPointer
    private var lastAt: UInt64 = 0
    private var isRunning = false
    /// When the next sweep is due, in monotonic nanoseconds; nil while there is nothing to look for.
    private(set) var dueAt: UInt64?

    /// Makes a sweep; nil when memory is short.
    init?() {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        // An address, so that no name is looked up; no packet is ever sent to it.
        ccurl_set_text(easy, CURLOPT_URL, "http://127.0.0.1:9/")
        ccurl_set_text(easy, CURLOPT_PROXY, "")
        ccurl_set_text(easy, CURLOPT_NOPROXY, "*")
        ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        ccurl_on_open_socket(easy, { _, _, _ in CURL_SOCKET_BAD }, nil)
        ConnectionAge.set(on: easy)
    }

    deinit { curl_easy_cleanup(easy) }

    /// Asks for a sweep at `instant`, or at once where that is sooner than one already asked for.
    func ask(at instant: UInt64) {
        dueAt = min(dueAt ?? .max, max(instant, lastAt + Self.pauseNanoseconds))
    }

    /// Starts the sweep if it is due.
    func begin(in multi: UnsafeMutableRawPointer, at now: UInt64) {
        guard !isRunning, let dueAt, dueAt <= now else { return }
        self.dueAt = nil
        lastAt = now
        isRunning = curl_multi_add_handle(multi, easy) == CURLM_OK
    }

    /// The transfer on `ended` is over; false when it is not this one.
    func ends(_ ended: UnsafeMutableRawPointer, in multi: UnsafeMutableRawPointer) -> Bool {
        guard ended == easy else { return false }
        stop(in: multi)
        return true
    }

    /// Takes the sweep out of the multi handle, which is about to be freed.
    func stop(in multi: UnsafeMutableRawPointer) {
        if isRunning { curl_multi_remove_handle(multi, easy) }
        isRunning = false
    }
}

/// How old a connection may become.
enum ConnectionAge {
    /// Idle for so long: below what servers keep an idle connection for. The shorter side decides who closes first.
    static let idleSeconds = 30
    /// Open for so long.
    private static let totalSeconds = 300

    /// Sets both on a handle. Every handle needs them: libcurl judges all connections by those of the one that looks.
    static func set(on easy: UnsafeMutableRawPointer) {
        ccurl_set_long(easy, CURLOPT_MAXAGE_CONN, idleSeconds)
        ccurl_set_long(easy, CURLOPT_MAXLIFETIME_CONN, totalSeconds)
    }
}
