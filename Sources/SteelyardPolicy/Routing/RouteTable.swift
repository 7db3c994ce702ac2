/// Finds the route of a method and path: an exact look-up for literal paths, then templates segment by segment.
public struct RouteTable: Sendable {
    /// Routes of methods that only read or remove.
    private var reading = PathIndex()
    /// Routes of methods that make something.
    private var making = PathIndex()

    /// Makes a table from lists of paths relative to the mount; `{id}` stands for any one segment.
    init(
        generations: [String],
        usageOnRequest: [String],
        rereads: [String],
        rereadPosts: [String],
        freePosts: [String],
        unmetered: [String],
        listings: [String]
    ) {
        for path in generations { making.add(path, .generation(asksUsage: false)) }
        for path in usageOnRequest { making.add(path, .generation(asksUsage: true)) }
        for path in rereadPosts { making.add(path, .reread) }
        for path in freePosts { making.add(path, .free) }
        for path in unmetered { making.add(path, .unmetered) }
        for path in rereads { reading.add(path, .reread) }
        for path in listings { reading.add(path, .free) }
    }

    /// The route of a request; `path` is relative to the mount, without the query.
    public func route(method: String, path: String) -> Route {
        switch method {
        case "GET", "HEAD", "OPTIONS", "DELETE": reading.find(path) ?? Route(template: "other", kind: .free)
        default: making.find(path) ?? Route(template: "other", kind: .unmetered)
        }
    }
}

/// Routes by path: literal ones in a dictionary, those with `{id}` segments in a list.
private struct PathIndex: Sendable {
    private var literals: [String: Route] = [:]
    private var templates: [(segments: [Substring], route: Route)] = []

    mutating func add(_ path: String, _ kind: RouteKind) {
        let route = Route(template: "/v1" + path, kind: kind)
        guard path.utf8.contains(UInt8(ascii: "{")) else { return literals[path] = route }
        templates.append((path.split(separator: "/"), route))
    }

    func find(_ path: String) -> Route? {
        if let route = literals[path] { return route }
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        return templates.first { matches($0.segments, segments) }?.route
    }

    private func matches(_ template: [Substring], _ path: ArraySlice<Substring>) -> Bool {
        template.count == path.count
            && zip(template, path).allSatisfy { part, segment in part == "{id}" ? !segment.isEmpty : part == segment }
    }
}
