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
        ("POST", "/chat/completions/chatcmpl-1", "/v1/chat/completions/{id}", .reread),
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
        ("OPTIONS", "/embeddings", "/v1/embeddings", .free),
        ("POST", "/models", "other", .unmetered),
        ("GET", "/videos/characters/c1", "/v1/videos/characters/{id}", .free),
        ("GET", "/videos/v1/content", "/v1/videos/{id}/content", .free),
        ("POST", "/responses/resp_1/cancel/more", "other", .unmetered),
    ]

    @Test("takes a body for a wish to make something, where that may cost money")
    func bodies() {
        func kind(_ method: String, _ path: String) -> RouteKind {
            RouteTable.openAI.route(method: method, path: path, hasBody: true).kind
        }
        for method in ["GET", "DELETE", "OPTIONS", "HEAD"] {
            #expect(kind(method, "/chat/completions") == .generation(asksUsage: true))
            #expect(kind(method, "/batches") == .unmetered)
            #expect(kind(method, "/threads/t/runs") == .generation(asksUsage: false))
            #expect(kind(method, "/files/f") == .free)
            #expect(kind(method, "/files") == .free)
            #expect(kind(method, "/responses/r") == .reread)
        }
    }

    /// What a server may strip off, so that the request reaches the endpoint before it.
    static let noIDs = [
        "", ";", ";x=1", "%20", "%09", "%3B", "%20;", "x;y", "a%20", ".", "..", "...", "-", ":", "~", "*", "a b", "!",
        "é",
        "%c3%a9", "a,b", "(x)", "$", "@", "'",
    ]

    @Test("takes nothing for an id on a free POST that a server may strip off", arguments: noIDs)
    func narrow(id: String) {
        for path in ["/chat/completions", "/threads", "/conversations", "/responses/resp_1/cancel", "/evals/e1/runs"] {
            let route = RouteTable.openAI.route(method: "POST", path: "\(path)/\(id)")
            #expect(route == Route(template: "other", kind: .unmetered), "\(path)/\(id)")
        }
    }

    static let ids = [
        "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG", "resp_68af4030592c81938ec0a5fbab4a3e9f05438e46b5f69a3b",
        "file-9XwVd.pdf",
        "3caa9269-9a5c-4d4b-a1a8-2a3b2c1d0e9f", "ft:gpt-4.1-mini-2025-04-14:acme::B7R9VjQd",
        "resp_bGl0ZWxsbTpjdXN0b20=",
        "string", "1",
    ]

    @Test("takes for an id what providers make", arguments: ids)
    func id(id: String) {
        #expect(RouteTable.openAI.route(method: "POST", path: "/threads/\(id)").kind == .free)
        #expect(RouteTable.openAI.route(method: "GET", path: "/responses/\(id)").kind == .reread)
    }

    /// Escapes of unreserved characters say the same as the characters (RFC 3986 §6.2.2.2).
    static let spellings: [(String, String, String, RouteKind)] = [
        ("POST", "/chat/%63ompletions", "/v1/chat/completions", .generation(asksUsage: true)),
        ("POST", "/%65mbeddings", "/v1/embeddings", .generation(asksUsage: false)),
        ("GET", "/responses/resp%5F1", "/v1/responses/{id}", .reread),
        ("GET", "/%72esponses/resp_%31", "/v1/responses/{id}", .reread),
        ("POST", "/threads/thread%5f1", "/v1/threads/{id}", .free),
        ("POST", "/threads/thread%2b1", "other", .unmetered),
        ("GET", "/organization%2Fprojects", "other", .administration),
        ("GET", "/%6frganization/projects", "/v1/organization/projects", .administration),
    ]

    @Test("knows a path by either spelling", arguments: spellings)
    func spelling(method: String, path: String, template: String, kind: RouteKind) {
        #expect(RouteTable.openAI.route(method: method, path: path) == Route(template: template, kind: kind))
    }

    /// Paths that a lenient server could take for the account's administration.
    static let administered = [
        "/organization", "/organization/", "/organization/tomorrow", "/Organization/projects", "/ORGANIZATION",
        "/%256frganization/projects", "/organization;x/projects", "/%20organization/projects", "/v1/organization/costs",
        "/projects/p1/tomorrow", "/webhook_endpoints/w1/tomorrow", "/fine_tuning/checkpoints/c1/tomorrow",
        "/fine_tuning/checkpoints;/c1", "/fine%255Ftuning/checkpoints/c1",
    ]

    @Test("keeps everything below the account's administration apart, however it is spelt", arguments: administered)
    func administration(path: String) {
        for method in ["GET", "POST", "DELETE", "PUT", "OPTIONS"] {
            #expect(
                RouteTable.openAI.route(method: method, path: path) == Route(template: "other", kind: .administration)
            )
        }
    }

    @Test(
        "is not carried away",
        arguments: [
            "/organizations", "/organizational", "/projectss", "/models/organization", "/fine_tuning", "/x/projects",
        ]
    )
    func noAdministration(path: String) {
        #expect(RouteTable.openAI.route(method: "GET", path: path).kind == .free)
        #expect(RouteTable.openAI.route(method: "POST", path: path).kind == .unmetered)
    }

    @Test("knows what a method and path can cost, and what to call them", arguments: rows)
    func kind(method: String, path: String, template: String, kind: RouteKind) {
        #expect(RouteTable.openAI.route(method: method, path: path) == Route(template: template, kind: kind))
    }

    @Test("knows every published method and path", arguments: PublishedRoutes.rows)
    func published(row: Substring) throws {
        let parts = row.split(separator: " ").map(String.init)
        let (method, template) = (parts[0], parts[1])
        let kinds: [String: RouteKind] = [
            "generation": .generation(asksUsage: false), "asks": .generation(asksUsage: true), "reread": .reread,
            "free": .free, "unmetered": .unmetered, "administration": .administration,
        ]
        let path = template.split(separator: "/").map { $0 == "{id}" ? "/id_\($0.count)" : "/\($0)" }.joined()
        let kind = try #require(kinds[parts[2]])
        #expect(RouteTable.openAI.route(method: method, path: path) == Route(template: "/v1" + template, kind: kind))
    }

    @Test("has as many published rows as were read")
    func publishedCount() {
        #expect(PublishedRoutes.rows.count == 382)
        #expect(Set(PublishedRoutes.rows).count == 382)
    }
}

@Suite("Mounts")
struct ProviderMountsTests {
    private static func provider(_ name: String, mount: String) -> ProviderSettings {
        ProviderSettings(
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
        #expect(found.map { $0.provider.name } == name)
    }

    @Test("keep the object of a provider that a reload does not change")
    func reload() {
        var changed = Self.provider("europe", mount: "/v1/eu")
        changed.timeouts.connectSeconds = 1
        let settings = [changed, Self.provider("plain", mount: "/v1")]
        let new = ProviderMounts(settings, after: Self.mounts)
        #expect(new.providers[1] === Self.mounts.providers[0])
        #expect(new.providers[0] !== Self.mounts.providers[1] && new.providers[0].settings == changed)
    }
}
