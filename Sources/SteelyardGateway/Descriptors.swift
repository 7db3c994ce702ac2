import Glibc

/// The limit of open files, which every connection takes from.
enum Descriptors {
    /// The soft limit (`getrlimit(2)`); nil when it cannot be read.
    static var limit: Int64? { read().map { Int64(clamping: $0.rlim_cur) } }

    /// Raises the soft limit as far as `needed` asks for and the hard limit allows; gives what holds then. A service
    /// starts with 1024 on most systems, for programs that use `select(2)`: we do not.
    static func raise(to needed: Int) -> Int {
        // Where the limits cannot be read, nothing is known of one.
        guard var limits = read() else { return .max }
        let wanted = min(rlim_t(needed), limits.rlim_max)
        if limits.rlim_cur < wanted {
            limits.rlim_cur = wanted
            _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
        }
        return Int(clamping: limit ?? .max)
    }

    private static func read() -> rlimit? {
        var limits = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 ? limits : nil
    }
}

/// How a gateway divides its descriptors: clients never get those that provider connections, journal and ledger need.
struct DescriptorPlan: Hashable {
    /// What the process has open without a client: listeners, ledger, journal, log, signals, name look-ups.
    private static let baseCount = 64
    /// Event loop and upstream worker of one core: epoll instances, eventfds, timers.
    private static let countPerCore = 8
    /// A client's connection, and the one to the provider that its request travels on.
    private static let countPerClient = 2
    /// Below so many clients a gateway is of no use.
    private static let fewestClients = 8

    /// Client connections open at once.
    var connections: Int
    /// Beside them, those that are told that there are too many.
    var surplus = 256
    /// Beside them, TLS handshakes under way.
    var handshakes: Int

    /// What was asked for: so many connections on a machine with so many cores.
    init(connections: Int, isEncrypted: Bool) {
        self.connections = connections
        handshakes = isEncrypted ? 1024 : 0
    }

    /// How many descriptors it takes.
    func descriptorCount(cores: Int) -> Int {
        Self.reserve(cores: cores) + Self.countPerClient * connections + surplus + handshakes
    }

    /// The plan for `limit` descriptors, which is the same where they are enough; nil where they are too few for any.
    func fitted(into limit: Int, cores: Int) -> DescriptorPlan? {
        guard limit < descriptorCount(cores: cores) else { return self }
        let free = limit - Self.reserve(cores: cores)
        guard free >= Self.fewestCount else { return nil }
        var plan = self
        plan.surplus = min(surplus, free / 8)
        plan.handshakes = min(handshakes, free / 8)
        plan.connections = min(connections, (free - plan.surplus - plan.handshakes) / Self.countPerClient)
        return plan
    }

    /// The fewest descriptors to start with.
    static func minimum(cores: Int) -> Int { reserve(cores: cores) + fewestCount }

    private static let fewestCount = 4 * fewestClients
    private static func reserve(cores: Int) -> Int { baseCount + countPerCore * cores }
}

extension DescriptorPlan {
    /// Takes the descriptors that a configuration needs, as far as the system gives them.
    ///
    /// - Throws: When there are too few to start with: below that the libraries end the process instead of reporting an
    ///   error.
    static func inForce(connections: Int, isEncrypted: Bool, cores: Int) throws(GatewayError) -> DescriptorPlan {
        let wanted = DescriptorPlan(connections: connections, isEncrypted: isEncrypted)
        let limit = Descriptors.raise(to: wanted.descriptorCount(cores: cores))
        if let plan = wanted.fitted(into: limit, cores: cores) { return plan }
        throw .noResources(
            "the limit of open files is \(limit); raise it to at least \(minimum(cores: cores)) (ulimit -n)"
        )
    }
}
