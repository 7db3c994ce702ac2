import SteelyardConfiguration
import SteelyardPolicy
import Testing

@Suite("The origins of web pages")
struct WebOriginTests {
    /// What is written behind `origins:`, and what it means.
    static let sound: [(String, AllowedOrigins)] = [
        ("[]", .none), (#"["*"]"#, .any), (#""*""#, .any), ("https://app.example", .listed(["https://app.example"])),
        (
            "[https://app.example, http://localhost:3000, https://10.0.0.1:8443]",
            .listed(["https://app.example", "http://localhost:3000", "https://10.0.0.1:8443"])
        ),
        (#"["http://[::1]:3000"]"#, .listed(["http://[::1]:3000"])),
        (
            "[chrome-extension://abcdefghijklmnop, capacitor://localhost]",
            .listed(["chrome-extension://abcdefghijklmnop", "capacitor://localhost"])
        ),
    ]

    @Test("are taken as browsers send them", arguments: sound)
    func taken(text: String, origins: AllowedOrigins) {
        let reading = read("server: { cors: { origins: \(text) } }\n" + openAI)
        #expect(reading.rendered == "")
        #expect(reading.configuration?.server.origins == origins)
    }

    @Test("are none unless the file says so")
    func standard() {
        #expect(read(openAI).configuration?.server.origins == AllowedOrigins.none)
        #expect(read("server: { cors: {} }\n" + openAI).configuration?.server.origins == AllowedOrigins.none)
    }

    /// What is written, what is wrong with it, and the remedy.
    static let unsound: [(String, String, String)] = [
        (
            "[https://app.example/]", #"must be an origin as browsers send it, got "https://app.example/""#,
            #"write origins: ["https://app.example"]"#
        ),
        (
            "[https://app.example/v1?x=1]", #"must be an origin as browsers send it, got "https://app.example/v1?x=1""#,
            #"write origins: ["https://app.example"]"#
        ),
        (
            "[HTTPS://App.Example]", #"must be an origin as browsers send it, got "HTTPS://App.Example""#,
            #"write origins: ["https://app.example"]"#
        ),
        (
            "[https://app.example:443]", #"must be an origin as browsers send it, got "https://app.example:443""#,
            #"write origins: ["https://app.example"]"#
        ),
        (
            "[app.example]", #"must be an origin such as https://app.example, got "app.example""#,
            #"write origins: ["https://app.example"]"#
        ),
        (
            "[null]", #"must be an origin such as https://app.example, got "null""#,
            #"write origins: ["https://app.example"]"#
        ),
        (
            "[https://u:p@app.example]",
            #"must be an origin such as https://app.example, got "a URL with a user name""#,
            #"write origins: ["https://app.example"]"#
        ),
        (
            "[https://*.example.com]", #"must be one complete origin, without *, got "https://*.example.com""#,
            #"name each origin, or write origins: ["*"] for all"#
        ),
        (
            #"["*", https://app.example]"#, "lists * together with other origins",
            #"write origins: ["*"], or name each origin without it"#
        ),
        ("[https://a.example, https://a.example]", "lists https://a.example twice", "remove one of them"),
        ("[https://]", "has no host", #"write origins: ["https://app.example"]"#),
    ]

    @Test("that no browser would send are refused with what would be right", arguments: unsound)
    func refused(text: String, message: String, remedy: String) {
        let reading = read("server:\n  cors:\n    origins: \(text)\n" + openAI)
        #expect(reading.configuration == nil)
        #expect(reading.rendered == "proxy.yaml:3: server.cors.origins: \(message)\n  remedy: \(remedy)\n")
    }
}
