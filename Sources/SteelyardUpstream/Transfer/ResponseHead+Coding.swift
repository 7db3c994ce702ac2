import SteelyardWire

extension ResponseHead {
    /// The values of the `Content-Encoding` fields, in order.
    var contentCodings: [String] {
        fields.indices(named: "content-encoding").map { String(decoding: fields.value(at: $0), as: UTF8.self) }
    }
}
