public import SteelyardPolicy

/// `server` in proxy.yaml: the listener that applications talk to.
public struct ServerSettings: Hashable, Sendable {
    /// Where it listens; `--listen` and `STEELYARD_LISTEN` override it.
    public var listen: ListenAddress
    /// Where its certificates are; nil: it serves plain HTTP.
    public var tls: TLSSettings?
    /// Which web pages may read Steelyard's own answers.
    public var origins: AllowedOrigins
    /// How much it accepts from clients.
    public var limits: ServerLimits
    /// How long it waits.
    public var timeouts: ServerTimeouts

    /// Makes the section; every default is that of proxy.yaml.
    public init(
        listen: ListenAddress = .standard,
        tls: TLSSettings? = nil,
        origins: AllowedOrigins = .none,
        limits: ServerLimits = ServerLimits(),
        timeouts: ServerTimeouts = ServerTimeouts()
    ) {
        self.listen = listen
        self.tls = tls
        self.origins = origins
        self.limits = limits
        self.timeouts = timeouts
    }
}

/// `server.tls`: the paths of PEM files, ready for opening; the files are read again at a reload.
public struct TLSSettings: Hashable, Sendable {
    /// The listener's certificate, then the chain to a root.
    public var certificateFile: String
    /// Its private key, without a passphrase.
    public var privateKeyFile: String
    /// The authorities that sign the certificates of clients; nil: clients show none.
    public var clientAuthorityFile: String?

    /// Names the files.
    public init(certificateFile: String, privateKeyFile: String, clientAuthorityFile: String? = nil) {
        self.certificateFile = certificateFile
        self.privateKeyFile = privateKeyFile
        self.clientAuthorityFile = clientAuthorityFile
    }
}

/// `server.limits`: how many connections and bytes clients may make Steelyard hold.
public struct ServerLimits: Hashable, Sendable {
    /// Client connections open at once.
    public var connections: Int
    /// One request head, in bytes.
    public var headerBytes: Int
    /// One request body, in bytes.
    public var bodyBytes: Int
    /// All bodies in memory at once, in bytes; at least ``bodyBytes``.
    public var gatherBytes: Int

    /// Makes a set of limits; every default is that of proxy.yaml.
    public init(
        connections: Int = 10_000,
        headerBytes: Int = 32 << 10,
        bodyBytes: Int = 64 << 20,
        gatherBytes: Int = 1 << 30
    ) {
        self.connections = connections
        self.headerBytes = headerBytes
        self.bodyBytes = bodyBytes
        self.gatherBytes = gatherBytes
    }
}

/// `server.timeouts`: how long Steelyard waits for a client, in seconds.
public struct ServerTimeouts: Hashable, Sendable {
    /// From the first byte of a request head to its last, and from the start of a connection to the end of its TLS
    /// handshake.
    public var headerSeconds: Double
    /// The longest silence within a request body.
    public var bodySeconds: Double
    /// Between two requests of one connection.
    public var idleSeconds: Double
    /// How long a client may leave bytes unread.
    public var writeStallSeconds: Double
    /// How long exchanges in progress may continue after SIGTERM.
    public var drainSeconds: Double

    /// Makes a set of timeouts; every default is that of proxy.yaml.
    public init(
        headerSeconds: Double = 10,
        bodySeconds: Double = 60,
        idleSeconds: Double = 75,
        writeStallSeconds: Double = 60,
        drainSeconds: Double = 30
    ) {
        self.headerSeconds = headerSeconds
        self.bodySeconds = bodySeconds
        self.idleSeconds = idleSeconds
        self.writeStallSeconds = writeStallSeconds
        self.drainSeconds = drainSeconds
    }
}
