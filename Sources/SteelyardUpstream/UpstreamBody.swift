public import NIOCore

/// The bytes that are sent after the head.
public enum UpstreamBody: Sendable {
    /// No body and no framing: GET, HEAD, DELETE without one.
    case none
    /// The whole body is here; head and body are sent together.
    case gathered(ByteBuffer)
    /// The body follows in pieces; `length` is its `content-length`. With nil it is sent chunked.
    case streamed(length: Int64?)
}
