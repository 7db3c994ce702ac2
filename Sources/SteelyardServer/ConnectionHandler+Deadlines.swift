import NIOCore
import SteelyardExchange

/// Time limits: one timer for whatever the connection waits for.
extension ConnectionHandler {
    /// Called whenever the connection may wait for something else than before.
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

    /// Limits the longest silence, and the time for the whole body.
    private var bodyDeadline: NIODeadline {
        let silence = services.limits.bodyTimeout
        let pace = services.guards.contains(.bodyPace) ? request.pace.deadline(silence: silence) : nil
        return min(.now() + silence, pace ?? .distantFuture)
    }

    private var answerDeadline: NIODeadline? {
        guard let asksAt = inputEnd.asksAt else { return driver?.deadline }
        return min(asksAt, driver?.deadline ?? .distantFuture)
    }

    /// The header timeout starts with the first byte: a later byte must not extend it.
    private var headDeadline: NIODeadline {
        let began = headBegan ?? .now()
        headBegan = began
        return began + services.limits.headerTimeout
    }

    /// Whether Steelyard waits for the client: not while the provider takes the body slowly, or has already answered.
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

    /// A client that reads slowly has not stalled: the deadline moves as long as it takes bytes.
    private func checkProgress() {
        if !progress.hasMoved(at: .now(), waiting: waitingBytes) { cut() }
    }
}
