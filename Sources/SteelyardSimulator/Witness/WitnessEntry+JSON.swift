import NIOCore

extension WitnessEntry {
    /// Appends the entry as one JSON object without line breaks.
    func write(to buffer: inout ByteBuffer) {
        buffer.append(#"{"index":"#)
        buffer.append(index)
        writeRequest(to: &buffer)
        writeAnswer(to: &buffer)
        buffer.append("}")
    }

    private func writeRequest(to buffer: inout ByteBuffer) {
        member(#","connection":"#, connection, to: &buffer)
        member(#","request_number":"#, requestNumber, to: &buffer)
        member(#","received_ns":"#, Int(clamping: receivedNanoseconds), to: &buffer)
        member(#","method":"#, method, to: &buffer)
        member(#","target":"#, target, to: &buffer)
        buffer.append(#","header_names":["#)
        for (position, name) in headerNames.enumerated() {
            if position > 0 { buffer.append(",") }
            buffer.append(quoted: name)
        }
        buffer.append("]")
        member(#","retry_count":"#, retryCount, to: &buffer)
        member(#","credential":"#, credentialFingerprint.map { String($0, radix: 16) }, to: &buffer)
        member(#","body_bytes":"#, bodyByteCount, to: &buffer)
        member(#","body_fingerprint":"#, String(bodyFingerprint, radix: 16), to: &buffer)
        member(#","body":"#, body.map { String(decoding: $0, as: UTF8.self) }, to: &buffer)
    }

    private func writeAnswer(to buffer: inout ByteBuffer) {
        member(#","status":"#, status, to: &buffer)
        member(#","id":"#, id, to: &buffer)
        member(#","model":"#, model, to: &buffer)
        member(#","tier":"#, tier, to: &buffer)
        buffer.append(#","usage":"#)
        if let reportedUsage { reportedUsage.write(to: &buffer) } else { buffer.append("null") }
        buffer.append(isReread ? #","is_reread":true,"usage_was_sent":"# : #","is_reread":false,"usage_was_sent":"#)
        buffer.append(usageWasSent ? "true" : "false")
        member(#","sent_bytes":"#, sentByteCount, to: &buffer)
        member(#","outcome":"#, outcome?.rawValue, to: &buffer)
    }

    private func member(_ key: StaticString, _ value: Int?, to buffer: inout ByteBuffer) {
        buffer.append(key)
        if let value { buffer.append(value) } else { buffer.append("null") }
    }

    private func member(_ key: StaticString, _ value: String?, to buffer: inout ByteBuffer) {
        buffer.append(key)
        buffer.append(quotedOrNull: value)
    }
}
