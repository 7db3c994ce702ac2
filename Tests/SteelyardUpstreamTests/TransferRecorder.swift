import NIOCore
import NIOPosix
import SteelyardExchange
import SteelyardPolicy
import SteelyardUpstream
import SteelyardWire
import Synchronization

/// Everything one transfer told, in one value.
struct Transcript: Sendable {
    var departures: [Tick] = []
    var head: AnswerHead?
    var answeredAt: Tick?
    var pieces: [ByteBuffer] = []
    var decodedPieces: [ByteBuffer?] = []
    var isUndecodable = false
    var bodyByteCount = 0
    var questionCount = 0
    var end: TransferEnd?
    /// What broke the promised order: empty in every correct transcript.
    var disorder: [String] = []

    var body: [UInt8] { pieces.flatMap { Array($0.readableBytesView) } }
    var text: String { String(decoding: body, as: UTF8.self) }
    var decoded: [UInt8] { decodedPieces.flatMap { $0.map { Array($0.readableBytesView) } ?? [] } }

    mutating func append(_ event: TransferEvent) {
        if end != nil { disorder.append("\(event) after the end") }
        switch event {
        case .departed(_, let at): departures.append(at)
        case .wantsBody: questionCount += 1
        case .answered(let head, let at):
            if self.head != nil { disorder.append("a second head") }
            (self.head, answeredAt) = (head, at)
        case .piece(let raw, let decoded):
            if head == nil { disorder.append("a piece before the head") }
            if raw.readableBytes == 0 { disorder.append("an empty piece") }
            bodyByteCount += raw.readableBytes
            pieces.append(raw)
            decodedPieces.append(decoded)
        case .undecodable: isUndecodable = true
        case .ended(let end): self.end = end
        }
    }
}

/// An observer that keeps a ``Transcript`` and lets a test wait for a moment in it.
final class TransferRecorder: TransferObserver {
    private struct State {
        var transcript = Transcript()
        var transfer: UpstreamTransfer?
        var uploads: [ByteBuffer]
        var waiters: [(isMet: @Sendable (Transcript) -> Bool, continuation: CheckedContinuation<Transcript, Never>)] =
            []
    }

    private let state: Mutex<State>
    private let consumes: Bool

    /// - Parameters:
    ///   - consumes: Whether bytes are given back at once, like a client that reads as fast as it can.
    ///   - uploads: The pieces of a streamed body, one per question, then its end.
    init(consumes: Bool = true, uploads: [ByteBuffer] = []) {
        self.consumes = consumes
        state = Mutex(State(uploads: uploads))
    }

    var transcript: Transcript { state.withLock(\.transcript) }

    /// Starts a request to a provider of the pool, the first if none is named, on `eventLoop`, so that no event comes before the transfer is known.
    func start(
        _ request: PlannedRequest,
        on pool: UpstreamPool,
        worker: Int = 0,
        to provider: Provider? = nil
    ) async throws {
        let plan = request.plan(to: provider ?? pool.providers[0])
        let eventLoop = MultiThreadedEventLoopGroup.singleton.next()
        try await eventLoop.submit { [self] in
            let transfer = pool.worker(worker).start(plan, body: request.body, on: eventLoop, observer: self)
            state.withLock { $0.transfer = transfer }
        }.get()
    }

    var transfer: UpstreamTransfer? { state.withLock(\.transfer) }

    func received(_ events: [TransferEvent]) {
        let met = state.withLock { state in
            for event in events {
                state.transcript.append(event)
                react(to: event, &state)
            }
            let transcript = state.transcript
            let met = state.waiters.filter { $0.isMet(transcript) }
            state.waiters.removeAll { $0.isMet(transcript) }
            return met.map { ($0.continuation, transcript) }
        }
        for (continuation, transcript) in met { continuation.resume(returning: transcript) }
    }

    private func react(to event: TransferEvent, _ state: inout State) {
        switch event {
        case .piece(let raw, _) where consumes: state.transfer?.consumed(raw.readableBytes)
        case .wantsBody where state.uploads.isEmpty: state.transfer?.sendEnd()
        case .wantsBody: state.transfer?.send(state.uploads.removeFirst())
        default: break
        }
    }

    /// Waits until the transcript is as described.
    func when(_ isMet: @escaping @Sendable (Transcript) -> Bool) async -> Transcript {
        await withCheckedContinuation { continuation in
            let met: Transcript? = state.withLock { state in
                if isMet(state.transcript) { return state.transcript }
                state.waiters.append((isMet, continuation))
                return nil
            }
            if let met { continuation.resume(returning: met) }
        }
    }

    /// Waits for the end.
    func ended() async -> Transcript { await when { $0.end != nil } }
}
