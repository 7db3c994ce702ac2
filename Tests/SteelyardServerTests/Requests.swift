/// The requests that many tests send.
enum Requests {
    /// The head of a listing, to which fields and a blank line are added.
    static let get = "GET /v1/models HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer k\r\n"
    /// The head of a chat completion, to which framing and a blank line are added.
    static let post =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer k\r\nContent-Type: application/json\r\n"
    /// A chat completion's body.
    static let json = #"{"model":"gpt-4.1","messages":[{"role":"user","content":"Hi"}]}"#
    /// Bytes that must never be taken for a separate request.
    static let smuggled = "GET /v1/smuggled HTTP/1.1\r\nHost: t\r\n\r\n"
    /// A request without any fault.
    static let clean = get + "\r\n"

    /// A chat completion.
    static func chat(_ members: String = "", fields: String = "", simulate: String? = nil) -> String {
        let body = #"{"model":"gpt-4.1","messages":[{"role":"user","content":"Hi"}]\#(members)}"#
        let directives = simulate.map { "x-simulate: \($0)\r\n" } ?? ""
        return post + directives + fields + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    /// A streamed chat completion.
    static func stream(simulate: String? = nil, fields: String = "") -> String {
        chat(#","stream":true,"stream_options":{"include_usage":true}"#, fields: fields, simulate: simulate)
    }

    /// The head of a transcription, whose body streams through.
    static func upload(announcing byteCount: Int, fields: String = "") -> String {
        "POST /v1/audio/transcriptions HTTP/1.1\r\nHost: t\r\n"
            + "Content-Type: multipart/form-data; boundary=b\r\n\(fields)Content-Length: \(byteCount)\r\n\r\n"
    }

    /// Enough of a transcription that the rest of it streams through.
    static func uploadBegun(announcing byteCount: Int) -> String {
        upload(announcing: byteCount) + String(repeating: "a", count: 70_000)
    }
}
