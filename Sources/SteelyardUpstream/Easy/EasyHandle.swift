import CCurl
import SteelyardExchange
import SteelyardPolicy

/// One libcurl easy handle with every constant option set, used for one request after another.
///
/// It belongs to one provider and one kind of body, so between two requests only the differences are set:
/// `curl_easy_reset` and setting everything again costs more than the request.
///
/// Lifetime: libcurl has an unretained pointer to this object in its callbacks. Callbacks run only while the handle is
/// in a multi handle. For that time, the worker keeps the object in `Transfer.handle`. `deinit` frees the handle, and
/// after that libcurl makes no more calls.
final class EasyHandle {
    /// What is sent after the head.
    enum Kind: CaseIterable {
        /// Nothing, and an answer may have a body.
        case bodiless
        /// Nothing, and the answer has no body either: HEAD.
        case head
        /// The whole body from memory, in one send with the head.
        case gathered
        /// Pieces from the read callback.
        case streamed
    }

    let easy: UnsafeMutableRawPointer
    let entry: ProviderTable.Entry
    let kind: Kind
    /// The transfer it works for; nil while it waits for the next one. Callbacks of a handle without a transfer do
    /// nothing.
    var transfer: Transfer?

    private var headers = HeaderList()
    private var method = ""
    private var isFresh = false
    private var forbidsReuse = false
    private let errorText: UnsafeMutableBufferPointer<CChar>
    /// The provider's URL, parsed once; nil if libcurl shall report what is wrong with it.
    private let url: OpaquePointer?

    /// Makes a handle; nil when there is no memory.
    init?(for entry: ProviderTable.Entry, kind: Kind, sockets: SocketRegistry, guards: TransferGuards) {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        self.entry = entry
        self.kind = kind
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0)
        url = Self.parsed(entry.url)
        setConstants(guards)
        setURL()
        setKind()
        setCallbacks(sockets)
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_url_cleanup(url)
        errorText.deallocate()
    }

    /// Sets the differences between two requests; false if the request cannot be sent as it is.
    func prepare(_ plan: UpstreamPlan, _ body: UpstreamBody, bytes: borrowing RetainedBytes) -> Bool {
        guard plan.isSendable, let list = headers.write(plan.fields, key: key(for: plan)) else { return false }
        errorText[0] = 0
        setFreshConnection(false)
        setForbidsReuse(false)
        ccurl_set_list(easy, CURLOPT_HTTPHEADER, list)
        ccurl_set_text(easy, CURLOPT_REQUEST_TARGET, plan.target)
        setMethod(plan.method)
        setBody(body, bytes)
        return true
    }

    private func key(for plan: UpstreamPlan) -> [UInt8]? { plan.substitutesKey ? entry.authorization : nil }

    private static func parsed(_ text: String) -> OpaquePointer? {
        guard let url = curl_url() else { return nil }
        if curl_url_set(url, CURLUPART_URL, text, UInt32(CURLU_DISALLOW_USER)) == CURLUE_OK { return url }
        curl_url_cleanup(url)
        return nil
    }

    /// The parsed URL takes precedence. With the text alone, libcurl would parse and rebuild it for each request.
    private func setURL() {
        ccurl_set_text(easy, CURLOPT_URL, entry.url)
        if let url { ccurl_set_data(easy, CURLOPT_CURLU, UnsafeRawPointer(url)) }
    }

    /// Makes the next attempt use a new connection, or allows any connection again.
    func setFreshConnection(_ isFresh: Bool) {
        guard self.isFresh != isFresh else { return }
        self.isFresh = isFresh
        ccurl_set_long(easy, CURLOPT_FRESH_CONNECT, isFresh ? 1 : 0)
    }

    /// Makes libcurl close the connection after this attempt, or keep it. The callbacks of the request and of the head
    /// may call this: libcurl reads the option when the transfer is over.
    func setForbidsReuse(_ forbids: Bool) {
        guard forbidsReuse != forbids else { return }
        forbidsReuse = forbids
        ccurl_set_long(easy, CURLOPT_FORBID_REUSE, forbids ? 1 : 0)
    }

    /// Whether libcurl found the chunked coding broken; its result code alone is the same as for a lost connection.
    var foundBrokenChunk: Bool {
        // NUL-terminated by libcurl and cleared before every request.
        String(cString: errorText.baseAddress.unsafelyUnwrapped).contains("chunk")
    }

    /// How many bytes of the body have been sent.
    var sentBodyByteCount: Int { Int(ccurl_sent_bytes(easy)) }

    /// Where libcurl writes its error message.
    var errorTextStart: UnsafeMutablePointer<CChar>? { errorText.baseAddress }

    private func setMethod(_ method: String) {
        guard self.method != method else { return }
        self.method = method
        // `NOBODY` already makes it HEAD.
        ccurl_set_text(easy, CURLOPT_CUSTOMREQUEST, kind == .head ? nil : method)
    }

    private func setBody(_ body: UpstreamBody, _ bytes: borrowing RetainedBytes) {
        switch body {
        case _ where kind == .head: break
        case .none: break
        case .gathered:
            ccurl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, bytes.count)
            ccurl_set_data(easy, CURLOPT_POSTFIELDS, bytes.start)
        case .streamed(let length):
            ccurl_set_size(easy, CURLOPT_INFILESIZE_LARGE, Int(length ?? -1))
        }
    }
}
