import CCurl
import SteelyardPolicy

/// The options that never change while a handle exists.
extension EasyHandle {
    /// Sets the options of every request to a provider.
    func setConstants(_ guards: TransferGuards) {
        let provider = entry.provider
        ccurl_set_text(easy, CURLOPT_PROTOCOLS_STR, provider.origin.isSecure ? "https" : "http")
        ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, guards.contains(.noRedirects) ? 0 : 1)
        ccurl_set_long(easy, CURLOPT_HTTP09_ALLOWED, 0)
        ccurl_set_long(easy, CURLOPT_HTTP_CONTENT_DECODING, 0)
        ccurl_set_long(easy, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        ccurl_set_long(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        setProxy(guards)
        setTLS()
        setConnection()
    }

    /// No proxy, unless the provider has one. Then requests always use a tunnel, in which the proxy sees neither path
    /// nor fields. `NOPROXY` is set in both cases; otherwise libcurl would read it from the environment.
    private func setProxy(_ guards: TransferGuards) {
        let proxy = entry.provider.settings.outboundProxy
        guard proxy != nil || guards.contains(.noEnvironmentProxy) else { return }
        ccurl_set_text(easy, CURLOPT_PROXY, proxy ?? "")
        ccurl_set_text(easy, CURLOPT_NOPROXY, proxy == nil ? "*" : "")
        ccurl_set_long(easy, CURLOPT_HTTPPROXYTUNNEL, 1)
        ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        ccurl_set_long(easy, CURLOPT_HEADEROPT, Int(CURLHEADER_SEPARATE))
    }

    private func setTLS() {
        let version = entry.allowsHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
        ccurl_set_long(easy, CURLOPT_HTTP_VERSION, version)
        ccurl_set_long(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        // So a renewed file of authorities is noticed within minutes; the default is a day.
        ccurl_set_long(easy, CURLOPT_CA_CACHE_TIMEOUT, 300)
        if let file = entry.provider.settings.certificateAuthorityFile { ccurl_set_text(easy, CURLOPT_CAINFO, file) }
    }

    private func setConnection() {
        ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
        // A lookup runs on a thread of libcurl's. Without this option, giving up a lookup blocks the whole worker until
        // it ends.
        ccurl_set_long(easy, CURLOPT_QUICK_EXIT, 1)
        ccurl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(entry.provider.timeouts.connectSeconds * 1000)))
        ccurl_set_long(easy, CURLOPT_DNS_CACHE_TIMEOUT, 60)
        ccurl_set_long(easy, CURLOPT_TCP_NODELAY, 1)
        ccurl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
        ConnectionAge.set(on: easy)
        ccurl_set_long(easy, CURLOPT_BUFFERSIZE, 16 * 1024)
        ccurl_set_long(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16 * 1024)
    }

    /// Sets the options of every request with this kind of body.
    func setKind() {
        switch kind {
        case .bodiless: ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
        case .head: ccurl_set_long(easy, CURLOPT_NOBODY, 1)
        case .gathered: ccurl_set_long(easy, CURLOPT_POST, 1)
        case .streamed: ccurl_set_long(easy, CURLOPT_UPLOAD, 1)
        }
    }
}
