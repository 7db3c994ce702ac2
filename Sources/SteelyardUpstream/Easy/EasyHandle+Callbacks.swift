import CCurl
import Glibc

/// The functions that libcurl calls. Each finds its handle in the context pointer (see ``EasyHandle`` on lifetimes). It
/// does nothing if the handle has no transfer, because libcurl may call once more after an error (curl issue 13337).
extension EasyHandle {
    private static func at(_ context: UnsafeMutableRawPointer?) -> EasyHandle {
        // Set by `setCallbacks` together with the function and never nil.
        Unmanaged<EasyHandle>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
    }

    /// Sets the functions and their contexts.
    func setCallbacks(_ sockets: SocketRegistry) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_owner(easy, context)
        ccurl_set_data(easy, CURLOPT_ERRORBUFFER, errorTextStart)
        ccurl_on_body(easy, Self.receivedBody, context)
        ccurl_on_header(easy, Self.receivedHeader, context)
        ccurl_on_departure(easy, Self.departs, context)
        ccurl_on_open_socket(easy, Self.opensSocket, context)
        // Connections live longer than handles; the registry lives until the multi handle is freed.
        ccurl_on_close_socket(easy, Self.closesSocket, Unmanaged.passUnretained(sockets).toOpaque())
        if kind == .streamed {
            ccurl_on_read(easy, Self.readsBody, context)
            // If rewinding fails, libcurl cannot send a body a second time.
            ccurl_on_seek(easy, { _, _, _ in CURL_SEEKFUNC_FAIL }, nil)
        }
    }
}

extension EasyHandle {
    private static let receivedBody: curl_write_callback = { bytes, _, count, context in
        guard let transfer = at(context).transfer else { return 0 }
        switch transfer.receivedBody(UnsafeRawBufferPointer(start: bytes, count: count)) {
        case .taken: return count
        case .wait: return Int(CURL_WRITEFUNC_PAUSE)
        case .refused: return 0
        }
    }

    private static let receivedHeader: curl_write_callback = { bytes, size, count, context in
        guard let transfer = at(context).transfer else { return 0 }
        let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return transfer.receivedHeaderLine(line.bindMemory(to: UInt8.self)) ? line.count : 0
    }

    private static let readsBody: curl_read_callback = { target, size, count, context in
        guard let transfer = at(context).transfer else { return Int(CURL_READFUNC_ABORT) }
        switch transfer.readsBody(into: UnsafeMutableRawBufferPointer(start: target, count: size * count)) {
        case .copied(let count): return count
        case .wait: return Int(CURL_READFUNC_PAUSE)
        case .end: return 0
        case .broken: return Int(CURL_READFUNC_ABORT)
        }
    }

    /// Called when a connection is ready and the request is about to be written to it.
    private static let departs: curl_prereq_callback = { context, peerAddress, _, peerPort, localPort in
        guard let transfer = at(context).transfer, let peerAddress else { return CURL_PREREQFUNC_ABORT }
        let goes = transfer.departs(
            localPort: UInt16(truncatingIfNeeded: localPort),
            peerPort: UInt16(truncatingIfNeeded: peerPort),
            peerAddress: peerAddress
        )
        return goes ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
    }

    private static let opensSocket: curl_opensocket_callback = { context, _, address in
        let handle = at(context)
        guard let address, let transfer = handle.transfer else { return CURL_SOCKET_BAD }
        return transfer.opensSocket(to: address)
    }

    private static let closesSocket: curl_closesocket_callback = { context, descriptor in
        // The registry is alive: its worker frees it after the multi handle.
        let sockets = Unmanaged<SocketRegistry>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
        return sockets.close(descriptor)
    }
}
