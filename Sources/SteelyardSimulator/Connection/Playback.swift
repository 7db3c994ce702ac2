import NIOCore

/// A script being played: its position, and its entry in the witness log.
final class Playback {
    enum Action {
        case write(ByteBuffer, Script.Marks)
        /// The peer does not read; nothing is written until it reads again.
        case flush
        case wait(milliseconds: Int)
        case end(Script.Ending)
    }

    private let script: Script
    private var position = 0
    private var hasWaited = false
    private var lastDeadline: NIODeadline?
    /// The entry in the log; `nil` if the request is not logged.
    var entry: WitnessEntry?
    /// Whether it waits for a timer or the peer, or forever.
    var isWaiting: Bool

    init(_ script: Script, entry: WitnessEntry?, isWaiting: Bool = false) {
        self.isWaiting = isWaiting
        self.script = script
        self.entry = entry
    }

    /// Whether the script has ended in a stall, which waits for the peer.
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

    /// When a wait ends. It counts from the end of the previous wait, so that late timers do not slow a paced stream.
    /// It is never in the past, so that a stream delayed by its reader does not catch up in one burst.
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
