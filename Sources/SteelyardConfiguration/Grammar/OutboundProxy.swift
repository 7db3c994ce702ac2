import SteelyardPolicy

/// An HTTP proxy between Steelyard and a provider: `http://host:port`, nothing more.
enum OutboundProxy {
    private static let example = "http://proxy.internal:3128"

    /// The URL as it is written, once it has been found to be one.
    static func read(_ text: String) throws(Complaint) -> String {
        // Not shown: it may hold a password.
        guard text.lowercased().hasPrefix("http://") else {
            throw Complaint(message: "must be a URL that starts with http://", remedy: .write(example))
        }
        let url = try BaseURL(text, example: example)
        // Clients disagree on the port that is meant when none is written: 80, 1080, 3128.
        guard url.namesPort, url.origin.pathPrefix.isEmpty else {
            let host = ListenAddress(host: url.origin.host, port: url.namesPort ? url.origin.port : 3128)
            throw .expected("http://host:port", got: text, write: "http://\(host)")
        }
        return text
    }
}
