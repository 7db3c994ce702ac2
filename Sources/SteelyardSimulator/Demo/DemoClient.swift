import NIOCore
import NIOHTTP1
import NIOPosix

/// The application's side: one connection per request, to a port of this machine.
struct DemoClient: Sendable {
    let port: Int

    /// Sends a request and returns its answer, whole or broken off; cancelling the task closes the connection.
    func send(_ request: DemoRequest) async throws -> DemoAnswer {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: DemoAnswer.self)
        let connection = ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(AnswerCollector(request, answer))
                }
            }
            .connect(host: "127.0.0.1", port: port)
        // The collector returns the answer in every case except this one: there is no connection.
        connection.whenFailure { answer.fail($0) }
        return try await withTaskCancellationHandler {
            try await answer.futureResult.get()
        } onCancel: {
            connection.whenSuccess { $0.close(promise: nil) }
        }
    }
}

/// Sends its request after connecting, and returns the answer when it ends, breaks off, or is long enough.
private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let request: DemoRequest
    private let promise: EventLoopPromise<DemoAnswer>
    private var answer = DemoAnswer()
    private var body = ByteBuffer()

    init(_ request: DemoRequest, _ promise: EventLoopPromise<DemoAnswer>) {
        self.request = request
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        var head = HTTPRequestHead(version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.target)
        head.headers = [
            "host": "demo", "user-agent": "steelyard-demo", "authorization": "Bearer sk-demo", "connection": "close",
            "content-type": "application/json", "content-length": String(request.body.utf8.count),
            "x-stainless-retry-count": String(request.retryCount),
        ]
        if !request.directives.isEmpty { head.headers.add(name: "x-simulate", value: request.directives) }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: request.body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            answer.status = Int(head.status.code)
            answer.reason = head.headers.first(name: "x-steelyard-reason")
        case .body(var piece):
            body.writeBuffer(&piece)
            if let limit = request.leavesAfterBytes, body.readableBytes >= limit { context.close(promise: nil) }
        case .end:
            answer.isWhole = true
            context.close(promise: nil)
        }
    }

    /// An answer that broke off counts as an answer too: the demo's provider fails sometimes.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    /// Not `channelInactive`: a connection that closes as soon as it is made was never active.
    func handlerRemoved(context: ChannelHandlerContext) {
        answer.body = String(buffer: body)
        promise.succeed(answer)
    }
}
