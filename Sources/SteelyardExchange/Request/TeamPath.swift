/// A request's path, and the team that it names: `/team/NAME/v1/…` is `/v1/…` for team NAME, so that an
/// application's base URL alone can say who pays.
struct TeamPath {
    /// The team that the path names, which proves nothing; nil when it names none.
    let team: Substring?
    /// The path without the team.
    let path: Substring

    private static let prefix = "/team/"

    init(_ whole: Substring) {
        guard whole.utf8.starts(with: Self.prefix.utf8) else {
            (team, path) = (nil, whole)
            return
        }
        let named = whole.dropFirst(Self.prefix.utf8.count)
        let name = named.prefix { $0 != "/" }
        (team, path) = (name, named[name.endIndex...])
    }
}
