import SteelyardPolicy

/// An HTTP proxy between Steelyard and a provider: `http://host:port`, nothing more.
enum OutboundProxy {
    private static let example = "http://proxy.internal:3128"

    /// The URL as it is written, once it has been found to be one.
    static func read(_ text: String) throws(Complaint) -> String {
        let url = try BaseURL(text, example: example)
        guard !url.origin.isSecure else {
            throw .expected("an http URL (the tunnel within is still TLS)", got: text, write: example)
        }
        // Clients disagree on the port that is meant when none is written: 80, 1080, 3128.
        guard url.namesPort else { throw .expected("a URL with its port", got: text, write: "\(text):3128") }
        guard url.origin.pathPrefix.isEmpty else { throw .expected("a URL without a path", got: text, write: example) }
        return text
    }
}
