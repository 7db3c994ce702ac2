import Glibc

/// The limit of open files, which every connection counts towards.
enum Descriptors {
    /// The soft limit (`getrlimit(2)`); nil when it cannot be read.
    static var limit: Int64? { read().map { Int64(clamping: $0.rlim_cur) } }

    /// Raises the soft limit to `needed` as far as the hard limit allows, and returns the limit that then applies. Most
    /// systems start a service with 1024, for programs that use `select(2)`; Steelyard does not use it.
    static func raise(to needed: Int) -> Int {
        // If the limits cannot be read, none is known.
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
    /// Descriptors that the process has open without any client: listeners, ledger, journal, log, signals, name
    /// look-ups.
    private static let baseCount = 64
    /// For the event loop and upstream worker of one core: epoll instances, eventfds, timers.
    private static let countPerCore = 8
    /// A client's connection, and the provider connection of its request.
    private static let countPerClient = 2
    /// With fewer clients than this, a gateway is of no use.
    private static let fewestClients = 8

    /// Client connections open at once.
    var connections: Int
    /// In addition, connections that only get the answer that there are too many.
    var surplus = 256
    /// In addition, TLS handshakes in progress.
    var handshakes: Int

    /// The plan that the configuration asks for.
    init(connections: Int, isEncrypted: Bool) {
        self.connections = connections
        handshakes = isEncrypted ? 1024 : 0
    }

    /// How many descriptors the plan needs.
    func descriptorCount(cores: Int) -> Int {
        Self.reserve(cores: cores) + Self.countPerClient * connections + surplus + handshakes
    }

    /// The plan for `limit` descriptors: the same plan if they are enough, nil if they are too few for any.
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
    /// Reserves the descriptors that a configuration needs, as far as the system gives them.
    ///
    /// - Throws: If there are too few to start: with fewer, the libraries would end the process instead of reporting an
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
