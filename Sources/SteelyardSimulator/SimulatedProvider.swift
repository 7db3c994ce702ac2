import NIOCore
import Synchronization

/// What all connections share: the configuration, the ids, and the log.
final class SimulatedProvider: Sendable {
    /// An answer ready to be played.
    struct Reply: Sendable {
        var script: Script
        var status: Int?
        var facts = AnswerFacts()
    }

    /// An answer now, or when the log has the requested entries.
    enum Timing {
        case now(Reply)
        case later(EventLoopFuture<Reply>)
    }

    let configuration: SimulatorConfiguration
    let defaults: Directives
    let witness: WitnessLog
    let stored = StoredAnswers()
    private let connectionCount = Atomic<Int>(0)
    private let identifierCount = Atomic<UInt64>(0)

    init(_ configuration: SimulatorConfiguration) throws {
        self.configuration = configuration
        var defaults = Directives()
        do throws(DirectiveProblem) {
            try defaults.apply(configuration.directives)
        } catch {
            throw SimulatorError.invalidDirective(error.message)
        }
        self.defaults = defaults
        witness = WitnessLog(
            limit: configuration.witnessLimit,
            bodyLimitBytes: configuration.witnessBodyLimitBytes,
            file: try configuration.witnessFile.map(WitnessFile.init)
        )
    }

    func nextConnection() -> Int { connectionCount.add(1, ordering: .relaxed).newValue }

    /// The next number of a sequence without repetitions, which depends on the seed (splitmix64,
    /// https://prng.di.unimi.it/splitmix64.c).
    func nextIdentifier() -> UInt64 {
        let count = identifierCount.add(1, ordering: .relaxed).newValue
        var word = configuration.seed &+ count &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    /// A new id with its kind in front, `chatcmpl-…`.
    func newID(_ prefix: StaticString) -> String {
        var buffer = ByteBuffer()
        buffer.append(prefix)
        buffer.append(hexadecimal: nextIdentifier())
        return String(buffer: buffer)
    }

    /// An id inside an answer. If the answer's own id is dictated, this has no random part, so that two runs give the
    /// same bytes.
    func newID(_ prefix: StaticString, within answerID: String?) -> String {
        answerID.map { "\(prefix)\($0)" } ?? newID(prefix)
    }

    /// The script for a request.
    func reply(to request: SimulatedRequest, eventLoop: any EventLoop) -> Timing {
        if WitnessEndpoint.matches(request) { return WitnessEndpoint.reply(to: request, self, eventLoop) }
        if let silence = silence(request) { return .now(Reply(script: silence)) }
        let answer = Endpoints(provider: self).answer(request)
        let script = Framing(answer, for: request, requestID: nextIdentifier()).script()
        return .now(Reply(script: script, status: answer.status, facts: answer.facts))
    }

    /// Closes the connection instead of answering.
    private func silence(_ request: SimulatedRequest) -> Script? {
        let directives = request.directives
        let breaksOff = directives.cutAt != nil || directives.stallAfter != nil || directives.cutHead
        guard directives.reset && !breaksOff || directives.dieOnReuse && request.number > 1 else { return nil }
        return Script(steps: [], ending: directives.reset ? .reset : .close)
    }
}

extension SimulatedProvider {
    /// Records a complete request; `nil` if the log is off or the request is about the log.
    func received(_ request: SimulatedRequest) -> WitnessEntry? {
        guard witness.isOn, !WitnessEndpoint.matches(request) else { return nil }
        var entry = WitnessEntry()
        entry.connection = request.connection
        entry.requestNumber = request.number
        entry.receivedNanoseconds = NIODeadline.now().uptimeNanoseconds
        entry.method = request.method
        entry.target = request.target
        entry.describe(request.headers)
        entry.bodyByteCount = request.body.readableBytes
        entry.bodyFingerprint = Fingerprint.of(request.body.readableBytesView)
        entry.body = Array(request.body.readableBytesView)
        witness.received(&entry)
        return entry
    }
}
