import CCurl

/// The options of an attempt.
extension DialAttempt {
    /// Sets them; false if libcurl does not accept one, for example a host with a character that no host has. An option
    /// that silently kept its default could send the connection elsewhere.
    func prepare() -> Bool {
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_owner(easy, context)
        ccurl_on_open_socket(easy, Self.opensSocket, context)
        return setURL() && setProxy() && setConnection()
    }

    private static let opensSocket: curl_opensocket_callback = { context, _, address in
        guard let address else { return CURL_SOCKET_BAD }
        // Set by `prepare` together with the function and never nil.
        let attempt = Unmanaged<DialAttempt>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
        return attempt.opensSocket(to: address)
    }

    /// Always `http`: the receiver speaks TLS, so an `https` origin is dialed the same way.
    private func setURL() -> Bool {
        let host = dial.target.host
        let parts = [
            (CURLUPART_SCHEME, "http"), (CURLUPART_HOST, host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host),
            (CURLUPART_PORT, String(dial.target.port)), (CURLUPART_PATH, "/"),
        ]
        for (part, text) in parts { guard curl_url_set(url, part, text, 0) == CURLUE_OK else { return false } }
        return allSet([
            ccurl_set_data(easy, CURLOPT_CURLU, UnsafeRawPointer(url)),
            ccurl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http"),
        ])
    }

    /// No proxy, unless the target has one. `NOPROXY` is set in both cases; otherwise libcurl would read it from the
    /// environment.
    private func setProxy() -> Bool {
        let proxy = dial.target.proxy
        var results: [CURLcode] = []
        if proxy != nil || guards.contains(.noEnvironmentProxy) {
            results.append(ccurl_set_text(easy, CURLOPT_PROXY, proxy ?? ""))
        }
        if guards.contains(.noEnvironmentProxy) {
            results.append(ccurl_set_text(easy, CURLOPT_NOPROXY, proxy == nil ? "*" : ""))
        }
        if proxy != nil { results.append(ccurl_set_long(easy, CURLOPT_HTTPPROXYTUNNEL, 1)) }
        return allSet(results)
    }

    private func setConnection() -> Bool {
        let milliseconds = Int(min(max(1, dial.seconds * 1000), 1_000_000_000))
        return allSet([
            ccurl_set_long(easy, CURLOPT_CONNECT_ONLY, 1),
            ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, 1),
            ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1),
            // A lookup runs on a thread of libcurl's. Without this option, giving up a lookup blocks the dialer's thread
            // until it ends.
            ccurl_set_long(easy, CURLOPT_QUICK_EXIT, guards.contains(.quickExit) ? 1 : 0),
            // The connection is the whole transfer, so both limits say the same.
            ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds),
            ccurl_set_long(easy, CURLOPT_TIMEOUT_MS, milliseconds),
            ccurl_set_long(easy, CURLOPT_DNS_CACHE_TIMEOUT, 60),
            ccurl_set_long(easy, CURLOPT_TCP_NODELAY, 1),
            ccurl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1),
        ])
    }

    private func allSet(_ results: [CURLcode]) -> Bool { results.allSatisfy { $0 == CURLE_OK } }
}
