/// Finds the route of a method and path. Literal paths are looked up directly, then templates in a tree of segments.
public struct RouteTable: Sendable {
    /// Routes whose path has no `{id}`.
    private var literals: [String: PathRoutes] = [:]
    private var templates = TemplateTree()
    /// Paths that read or change the settings of the provider's account, including everything below them; in lower
    /// case.
    private let administered: [String]

    /// Makes a table from lists of paths relative to the mount; `{id}` stands for any one segment.
    init(
        generations: [String],
        usageOnRequest: [String],
        rereads: [String],
        rereadPosts: [String],
        freePosts: [String],
        unmetered: [String],
        reads: [String],
        administration: [String],
        administered: [String]
    ) {
        self.administered = administered
        for path in generations { add(path) { $0.making = .generation(asksUsage: false) } }
        for path in usageOnRequest { add(path) { $0.making = .generation(asksUsage: true) } }
        for path in rereadPosts { add(path) { $0.making = .reread } }
        for path in freePosts { add(path) { $0.making = .free } }
        for path in unmetered { add(path) { $0.making = .unmetered } }
        for path in rereads { add(path) { $0.reading = .reread } }
        for path in reads { add(path) { $0.reading = .free } }
        for path in administration { add(path) { ($0.making, $0.reading) = (.administration, .administration) } }
    }

    private mutating func add(_ path: String, _ change: (inout PathRoutes) -> Void) {
        let isTemplate = path.utf8.contains(UInt8(ascii: "{"))
        var routes = (isTemplate ? templates.routes(of: path) : literals[path]) ?? PathRoutes(template: "/v1" + path)
        change(&routes)
        if isTemplate { templates.set(routes, of: path) } else { literals[path] = routes }
    }

    /// The route of a request; `path` is relative to the mount, without the query.
    ///
    /// Escapes of letters, digits, `-`, `_` and `~` mean the same as the characters (RFC 3986 §6.2.2.2), so both
    /// spellings have the same route. A body suggests that something is to be created: servers that ignore the method
    /// treat a GET with a body as a POST.
    public func route(method: String, path: String, hasBody: Bool = false) -> Route {
        let path = path.utf8.contains(UInt8(ascii: "%")) ? path.withoutNeedlessEscapes : path
        let onlyReads = Self.onlyReads(method)
        let routes = literals[path] ?? templates.find(path, ids: onlyReads ? .any : .narrow)
        if hasBody, onlyReads, let route = routes?.whenMaking, route.mayCostMoney { return route }
        if let route = onlyReads ? routes?.whenReading : routes?.whenMaking { return route }
        if isAdministered(path) { return Route(template: "other", kind: .administration) }
        return Route(template: "other", kind: onlyReads ? .free : .unmetered)
    }

    /// Whether a method only reads or removes: such requests cost nothing, whatever their path.
    public static func onlyReads(_ method: String) -> Bool {
        switch method {
        case "GET", "HEAD", "OPTIONS", "DELETE": true
        default: false
        }
    }

    /// Whether a server that is lenient about spelling could read it as a path of the account's administration.
    private func isAdministered(_ path: String) -> Bool {
        let plain = path.plainestSpelling
        let relative = plain.hasPrefix("/v1/") ? String(plain.dropFirst("/v1".count)) : plain
        return administered.contains { relative == $0 || relative.hasPrefix($0 + "/") }
    }
}

/// The routes of one path.
struct PathRoutes: Sendable {
    /// The value of the `endpoint` label.
    let template: String
    /// What reading and removing methods cost; nil: nothing, as usual.
    var reading: RouteKind?
    /// What creating methods cost; nil if the table has none.
    var making: RouteKind?

    init(template: String) { self.template = template }

    var whenReading: Route { Route(template: template, kind: reading ?? .free) }

    var whenMaking: Route? { making.map { Route(template: template, kind: $0) } }
}
