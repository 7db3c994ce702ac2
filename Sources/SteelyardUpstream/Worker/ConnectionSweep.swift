import CCurl

/// Makes libcurl close idle connections that are of no use any more: those that the provider has closed, and those that
/// are too old.
///
/// libcurl looks for them only when a transfer asks for a connection, and at most once a second
/// (`prune_dead_connections` in 7.88.1). Without traffic their descriptors would stay open. So the sweep is a transfer
/// of our own, which asks for a connection and gets no socket.
final class ConnectionSweep {
    /// libcurl ignores a sweep that comes sooner than this after the last one.
    private static let pauseNanoseconds: UInt64 = 1_001_000_000

    private let easy: UnsafeMutableRawPointer
    private var lastAt: UInt64 = 0
    private var isRunning = false
    /// When the next sweep is due, in monotonic nanoseconds; nil while there is nothing to look for.
    private(set) var dueAt: UInt64?

    /// Makes a sweep; nil when there is no memory.
    init?() {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        // A numeric address, so that no name is looked up; no packet is ever sent to it.
        ccurl_set_text(easy, CURLOPT_URL, "http://127.0.0.1:9/")
        ccurl_set_text(easy, CURLOPT_PROXY, "")
        ccurl_set_text(easy, CURLOPT_NOPROXY, "*")
        ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        ccurl_on_open_socket(easy, { _, _, _ in CURL_SOCKET_BAD }, nil)
        ConnectionAge.set(on: easy)
    }

    deinit { curl_easy_cleanup(easy) }

    /// Asks for a sweep at `instant`, but not sooner than libcurl allows one. If one is already due earlier, that one
    /// stays.
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

    /// The transfer on `ended` is over; false if it is not the sweep's.
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
    /// The longest idle time: less than servers keep an idle connection. The side with the shorter time closes first.
    static let idleSeconds = 30
    /// The longest time that a connection is open.
    private static let totalSeconds = 300

    /// Sets both on a handle. Every handle needs them, because libcurl judges all connections by the options of the
    /// handle that searches them.
    static func set(on easy: UnsafeMutableRawPointer) {
        ccurl_set_long(easy, CURLOPT_MAXAGE_CONN, idleSeconds)
        ccurl_set_long(easy, CURLOPT_MAXLIFETIME_CONN, totalSeconds)
    }
}
