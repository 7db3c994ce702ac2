import NIOCore
import SteelyardExchange

/// Time: one timer for whatever the connection is waiting for.
extension ConnectionHandler {
    /// Called whenever the wait may have become another one.
    func updateDeadline() {
        // An ending connection has its own deadline.
        if case .closed = input { return }
        if case .body = input { request.pace.waits(awaitsBody, at: .now()) }
        timer?.set(currentDeadline)
    }

    private var currentDeadline: NIODeadline? {
        switch input {
        case .head where byteGuard.headIsPartial: headDeadline
        case .head: .now() + services.limits.idleTimeout
        case .body where awaitsBody: bodyDeadline
        case .body, .complete:
            isWritable ? answerDeadline : progress.stalledSince + services.limits.writeStallTimeout
        case .closed: nil
        }
    }

    /// No silence is longer than the limit, and the whole not longer than its pace allows.
    private var bodyDeadline: NIODeadline {
        let silence = services.limits.bodyTimeout
        let pace = services.guards.contains(.bodyPace) ? request.pace.deadline(silence: silence) : nil
        return min(.now() + silence, pace ?? .distantFuture)
    }

    private var answerDeadline: NIODeadline? {
        guard let asksAt = inputEnd.asksAt else { return driver?.deadline }
        return min(asksAt, driver?.deadline ?? .distantFuture)
    }

    /// The header timeout counts from the first byte: a later byte must not extend it.
    private var headDeadline: NIODeadline {
        let began = headBegan ?? .now()
        headBegan = began
        return began + services.limits.headerTimeout
    }

    /// Whether it is the client's turn: not while the provider takes the body slowly, or has answered already.
    private var awaitsBody: Bool { isReading && !writer.isOpen && !request.awaitsAdmin }

    func deadlinePassed() {
        switch input {
        case .head where byteGuard.headIsPartial: fail(.headTimeout)
        case .head: close()
        case .body where awaitsBody: fail(.bodyTimeout)
        case .body, .complete: if isWritable { answerIsLate() } else { checkProgress() }
        case .closed: endingTookTooLong()
        }
        flush()
        updateDeadline()
    }

    private func answerIsLate() {
        if inputEnd.isDue(at: .now()) { askForPresence() } else { driver?.timePassed() }
    }

    /// A slow reader is not a stalled one: the deadline moves as long as bytes are taken.
    private func checkProgress() {
        if !progress.hasMoved(at: .now(), waiting: waitingBytes) { cut() }
    }
}
