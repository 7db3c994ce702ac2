import SteelyardWire

extension Refusal {
    /// The answers to requests that are not sound HTTP/1.1.
    init(_ defect: RequestDefect) {
        self.init(
            status: defect.status,
            code: defect.code,
            message: defect.message,
            allowedMethods: defect.status == 405 ? "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS" : nil
        )
    }

    static let headTimeout = Refusal(
        status: 408,
        code: "request_timeout",
        message: "The request head did not arrive in time"
    )
    /// More connections are open than `server.limits.connections`.
    public static let overCapacity = Refusal(
        status: 503,
        type: "server_error",
        code: "overloaded",
        message: "Steelyard has reached its limit of connections; try again",
        retryAfterSeconds: 1
    )
}
