import NIOCore

/// A script being played: where it stands and what the witness log will say of it.
final class Playback {
    enum Action {
        case write(ByteBuffer, Script.Marks)
        /// The peer does not read; nothing is written until it does.
        case flush
        case wait(milliseconds: Int)
        case end(Script.Ending)
    }

    private let script: Script
    private var position = 0
    private var hasWaited = false
    private var lastDeadline: NIODeadline?
    /// What the log says of the request; `nil` when it says nothing.
    var entry: WitnessEntry?
    /// Whether a timer, the peer or nothing at all decides when to go on.
    var isWaiting: Bool

    init(_ script: Script, entry: WitnessEntry?, isWaiting: Bool = false) {
        self.isWaiting = isWaiting
        self.script = script
        self.entry = entry
    }

    /// Whether the script has come to an end that waits for the peer.
    var isStalled: Bool { position == script.steps.count && isWaiting }

    func next(isWritable: Bool) -> Action {
        guard position < script.steps.count else { return .end(script.ending) }
        guard isWritable else { return .flush }
        let step = script.steps[position]
        if let milliseconds = step.waitMilliseconds, !hasWaited {
            isWaiting = true
            return .wait(milliseconds: milliseconds)
        }
        hasWaited = false
        position += 1
        return .write(step.bytes, step.marks)
    }

    /// When a wait ends. Counted from the end of the wait before it, so that late timers do not slow a paced stream;
    /// never in the past, so that a stream held up by its reader does not catch up in one burst.
    func deadline(after milliseconds: Int, now: NIODeadline) -> NIODeadline {
        let from = lastDeadline.map { max($0, now - .milliseconds(Int64(milliseconds))) } ?? now
        let deadline = from + .milliseconds(Int64(milliseconds))
        lastDeadline = deadline
        return deadline
    }

    func waited() {
        isWaiting = false
        hasWaited = true
    }
}
