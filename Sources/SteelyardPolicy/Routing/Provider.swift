/// The shape of the API a provider speaks.
public enum Dialect: String, Sendable, CaseIterable {
    case openai
}

/// The address of a provider. It comes from the operator's configuration, never from a client.
public struct ProviderOrigin: Hashable, Sendable {
    /// `https` or `http`.
    public var isSecure: Bool
    /// Host name or address as written in the configuration, without brackets.
    public var host: String
    /// The port, the scheme's default filled in.
    public var port: UInt16
    /// The path of the base URL without a trailing slash: `/v1`, or empty.
    public var pathPrefix: String

    /// Makes an origin from the parts of a base URL.
    public init(isSecure: Bool, host: String, port: UInt16, pathPrefix: String) {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.pathPrefix = pathPrefix
    }
}

/// What happens to a provider's answer when its client has left.
public enum AbandonedTransfer: String, Sendable, CaseIterable {
    /// Stop the provider at once. The charge is an estimate.
    case cancel
    /// Read on up to a limit. The charge is exact.
    case drain
}

/// How long Steelyard waits for a provider, in seconds.
public struct ProviderTimeouts: Hashable, Sendable {
    /// Name lookup, connecting and TLS together.
    public var connectSeconds: Double
    /// From the last byte of the request to the first of the answer.
    public var firstByteSeconds: Double
    /// The longest silence within an answer.
    public var betweenBytesSeconds: Double
    /// How long a connection without a request is kept.
    public var idleSeconds: Double

    /// Makes a set of limits; the defaults are those of proxy.yaml.
    public init(
        connectSeconds: Double = 5,
        firstByteSeconds: Double = 900,
        betweenBytesSeconds: Double = 300,
        idleSeconds: Double = 60
    ) {
        self.connectSeconds = connectSeconds
        self.firstByteSeconds = firstByteSeconds
        self.betweenBytesSeconds = betweenBytesSeconds
        self.idleSeconds = idleSeconds
    }
}

/// One provider as configured: `providers.NAME` in proxy.yaml.
public struct ProviderSettings: Hashable, Sendable {
    /// The configured name; the value of the `provider` label.
    public var name: String
    /// The shape of its API.
    public var dialect: Dialect
    /// Where requests go.
    public var origin: ProviderOrigin
    /// The path under which clients reach it; ``ProviderOrigin/pathPrefix`` replaces it.
    public var mount: String
    /// Whether Steelyard asks for usage in streams whose request does not (`inject_usage: auto`).
    public var injectsUsage: Bool
    /// What happens to a streamed answer whose client has left.
    public var abandonedStream: AbandonedTransfer
    /// What happens to a plain answer whose client has left.
    public var abandonedPlain: AbandonedTransfer
    /// How long to wait for it.
    public var timeouts: ProviderTimeouts
    /// A PEM file of certificate authorities to trust instead of the system's.
    public var certificateAuthorityFile: String?
    /// An HTTP proxy (`http://host:port`) to tunnel through. It is never taken from the environment.
    public var outboundProxy: String?
    /// Whether the host may resolve to a link-local address (169.254.0.0/16, fe80::/10).
    public var allowsLinkLocal: Bool
    /// What is sent in place of a Steelyard key (`api_key`); nil: there is nothing, and such keys are refused.
    public var apiKey: ProviderKey?

    /// Makes settings; every default is that of proxy.yaml.
    public init(
        name: String,
        dialect: Dialect = .openai,
        origin: ProviderOrigin,
        mount: String = "/v1",
        injectsUsage: Bool = true,
        abandonedStream: AbandonedTransfer = .cancel,
        abandonedPlain: AbandonedTransfer = .drain,
        timeouts: ProviderTimeouts = ProviderTimeouts(),
        certificateAuthorityFile: String? = nil,
        outboundProxy: String? = nil,
        allowsLinkLocal: Bool = false,
        apiKey: ProviderKey? = nil
    ) {
        self.name = name
        self.dialect = dialect
        self.origin = origin
        self.mount = mount
        self.injectsUsage = injectsUsage
        self.abandonedStream = abandonedStream
        self.abandonedPlain = abandonedPlain
        self.timeouts = timeouts
        self.certificateAuthorityFile = certificateAuthorityFile
        self.outboundProxy = outboundProxy
        self.allowsLinkLocal = allowsLinkLocal
        self.apiKey = apiKey
    }
}

/// A provider that requests are sent to. Everybody who needs it has the same object, so what belongs to it (idle
/// connections) is found by its identity.
///
/// Two providers are equal when their settings are. A reload keeps the object of a provider whose settings have not
/// changed (``ProviderMounts/init(_:after:)``).
public final class Provider: Hashable, Sendable {
    /// What is configured of it.
    public let settings: ProviderSettings

    /// Makes a provider with these settings.
    public init(_ settings: ProviderSettings) { self.settings = settings }

    /// Compares the settings.
    public static func == (left: Provider, right: Provider) -> Bool {
        left === right || left.settings == right.settings
    }

    /// Hashes the settings.
    public func hash(into hasher: inout Hasher) { hasher.combine(settings) }
}

extension Provider {
    /// See ``ProviderSettings/name``.
    public var name: String { settings.name }
    /// See ``ProviderSettings/origin``.
    public var origin: ProviderOrigin { settings.origin }
    /// See ``ProviderSettings/timeouts``.
    public var timeouts: ProviderTimeouts { settings.timeouts }
    /// See ``ProviderSettings/apiKey``.
    public var apiKey: ProviderKey? { settings.apiKey }
}
