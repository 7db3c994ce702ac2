import SteelyardPolicy
import Testing

@Suite("The route table")
struct RouteTableTests {
    /// Method, path below the mount, template and kind.
    static let rows: [(String, String, String, RouteKind)] = [
        ("POST", "/chat/completions", "/v1/chat/completions", .generation(asksUsage: true)),
        ("POST", "/completions", "/v1/completions", .generation(asksUsage: true)),
        ("POST", "/responses", "/v1/responses", .generation(asksUsage: false)),
        ("POST", "/embeddings", "/v1/embeddings", .generation(asksUsage: false)),
        ("POST", "/moderations", "/v1/moderations", .free),
        ("POST", "/responses/resp_1/cancel", "/v1/responses/{id}/cancel", .reread),
        ("POST", "/responses/input_tokens", "/v1/responses/input_tokens", .free),
        ("POST", "/chat/completions/chatcmpl-1", "/v1/chat/completions/{id}", .free),
        ("GET", "/responses/resp_1", "/v1/responses/{id}", .reread),
        ("GET", "/chat/completions/chatcmpl-1", "/v1/chat/completions/{id}", .reread),
        ("GET", "/chat/completions", "/v1/chat/completions", .free),
        ("GET", "/models/ft:gpt-4o:acme::1", "/v1/models/{id}", .free),
        ("DELETE", "/anything/at/all", "other", .free),
        ("POST", "/realtime/client_secrets", "/v1/realtime/client_secrets", .unmetered),
        ("POST", "/tomorrow", "other", .unmetered),
        ("PUT", "/tomorrow", "other", .unmetered),
        ("POST", "/responses/", "other", .unmetered),
        ("POST", "/responses//cancel", "other", .unmetered),
        ("POST", "", "other", .unmetered),
        ("POST", "/Chat/Completions", "other", .unmetered),
    ]

    @Test("knows what a method and path can cost, and what to call them", arguments: rows)
    func kind(method: String, path: String, template: String, kind: RouteKind) {
        #expect(RouteTable.openAI.route(method: method, path: path) == Route(template: template, kind: kind))
    }
}

@Suite("Mounts")
struct ProviderMountsTests {
    private static func provider(_ name: String, mount: String) -> Provider {
        Provider(
            name: name,
            origin: ProviderOrigin(isSecure: true, host: name, port: 443, pathPrefix: ""),
            mount: mount
        )
    }

    private static let mounts = ProviderMounts([
        provider("plain", mount: "/v1"), provider("europe", mount: "/v1/eu"), provider("azure", mount: "/azure"),
    ])

    @Test(
        "match whole segments, the longest first",
        arguments: [
            ("/v1/models", "plain"), ("/v1", "plain"), ("/v1/eu/models", "europe"), ("/v1/europe", "plain"),
            ("/azure/x", "azure"), ("/v10/models", nil), ("/", nil), ("", nil),
        ] as [(String, String?)]
    )
    func match(path: String, name: String?) {
        let found = Self.mounts.provider(forPath: path[...])
        #expect(found.map { Self.mounts.providers[$0.position].name } == name)
    }
}
