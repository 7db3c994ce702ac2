/// The settings of a simulated provider; requests can override some of them.
public struct SimulatorConfiguration: Sendable {
    /// The address to listen on, in numbers or as a name.
    public var host = "127.0.0.1"
    /// The port to listen on; 0 lets the system choose, `Simulator.port` then tells which.
    public var port = 0
    /// The models that `GET /v1/models` lists; any other name is served as well.
    public var models = ["gpt-4.1", "gpt-4.1-mini", "gpt-5", "o3", "text-embedding-3-small"]
    /// Directives that hold for every request unless its own `x-simulate` header says otherwise, in the same
    /// syntax: `"event-ms=20, delay-ms=150"`.
    public var directives = ""
    /// The source of ids, call ids and obfuscation: the same seed and the same requests give the same bytes.
    public var seed: UInt64 = 1
    /// How many requests the witness log keeps in memory; the newest stay. 0 keeps none, for load tests.
    public var witnessLimit = 20_000
    /// How many bytes of request bodies the witness log keeps in total; older bodies are dropped, their entries stay.
    public var witnessBodyLimitBytes = 16 << 20
    /// A file that gets one JSON line for each request once its answer has ended; `nil` for none.
    public var witnessFile: String?
    /// The largest request body accepted, in bytes; a larger one gets 413.
    public var bodyLimitBytes = 256 << 20

    /// Makes a configuration that listens on a free loopback port and answers at once.
    public init() {}

    /// How long each answer waits before its head, in milliseconds; the directive `delay-ms`.
    public var firstByteDelayMilliseconds: Int {
        get { Directives.number("delay-ms", in: directives) ?? 0 }
        set { directives = Directives.appending("delay-ms=\(newValue)", to: directives) }
    }

    /// The time between two events of a stream, in milliseconds; the directive `event-ms`. An event of the default
    /// answer carries one token, so 20 ms are 50 tokens a second.
    public var eventIntervalMilliseconds: Int {
        get { Directives.number("event-ms", in: directives) ?? 0 }
        set { directives = Directives.appending("event-ms=\(newValue)", to: directives) }
    }
}
