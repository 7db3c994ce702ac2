import NIOCore

/// A multipart form (RFC 7578), read just far enough to find its short fields.
struct MultipartForm {
    private let bytes: ArraySlice<UInt8>

    init(_ body: ByteBuffer) {
        // Finds fields before a file. A file of many megabytes is not searched; fields after it are looked for at the
        // end.
        bytes = Array(body.readableBytesView.prefix(1 << 20) + body.readableBytesView.suffix(1 << 16))[...]
    }

    /// The value of a field, up to the end of its line.
    func value(_ name: String) -> String? {
        let mark = Array("name=\"\(name)\"\r\n\r\n".utf8)
        guard let found = bytes.firstRange(of: mark) else { return nil }
        return String(decoding: bytes[found.upperBound...].prefix { $0 != 13 && $0 != 10 }, as: UTF8.self)
    }
}
