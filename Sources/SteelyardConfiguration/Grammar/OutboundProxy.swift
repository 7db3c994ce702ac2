import SteelyardPolicy

/// An HTTP proxy between Steelyard and a provider: only `http://host:port`.
enum OutboundProxy {
    private static let example = "http://proxy.internal:3128"

    /// The URL as written, after it has been checked.
    static func read(_ text: String) throws(Complaint) -> String {
        // The text is not shown, because it may contain a password.
        guard text.lowercased().hasPrefix("http://") else {
            throw Complaint(message: "must be a URL that starts with http://", remedy: .write(example))
        }
        let url = try BaseURL(text, example: example)
        // Clients disagree on the default port: 80, 1080, 3128.
        guard url.namesPort, url.origin.pathPrefix.isEmpty else {
            let host = ListenAddress(host: url.origin.host, port: url.namesPort ? url.origin.port : 3128)
            throw .expected("http://host:port", got: text, write: "http://\(host)")
        }
        return text
    }
}
