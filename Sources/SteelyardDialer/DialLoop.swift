import CCurl
import Glibc

/// The dialer's thread: a libcurl multi handle that only this thread touches, and the attempts in it.
///
/// In each round it takes the commands, lets libcurl work on what is ready, and reports what has ended.
final class DialLoop {
    let inbox: DialInbox
    private let guards: DialGuards
    private let inert: InertSocket
    private let multi: UnsafeMutableRawPointer
    private var attempts: [ObjectIdentifier: DialAttempt] = [:]
    private var isStopped = false

    init(guards: DialGuards) throws(DialerSetupError) {
        inert = try InertSocket()
        guard let multi = curl_multi_init() else { throw DialerSetupError(step: "curl_multi_init", code: ENOMEM) }
        self.multi = multi
        self.guards = guards
        inbox = DialInbox(waking: multi)
        // Since 8.20 the lookups' threads are the multi handle's, and freeing it waits for them.
        ccurl_multi_set_quick_exit(multi, guards.contains(.quickExit) ? 1 : 0)
    }

    deinit { curl_multi_cleanup(multi) }

    /// Works until ``DialCommand/stop``; then it ends every dial as cancelled.
    func run() {
        while !isStopped { round() }
        for case .start(let dial) in inbox.closed() { dial.end(.failure(.cancelled)) }
        for attempt in attempts.values { end(attempt, .failure(.cancelled)) }
    }

    private func round() {
        // libcurl shortens the wait to its own next timer (`curl_multi_poll` in 7.88.1).
        curl_multi_poll(multi, nil, 0, .max, nil)
        for command in inbox.take() { perform(command) }
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        endFinished()
    }

    private func perform(_ command: DialCommand) {
        switch command {
        case .start(let dial): start(dial)
        case .cancel(let dial):
            if let attempt = attempts[ObjectIdentifier(dial)] { end(attempt, .failure(.cancelled)) }
        case .stop: isStopped = true
        }
    }

    private func start(_ dial: Dial) {
        if dial.isCancelled { return dial.end(.failure(.cancelled)) }
        if let refusal = dial.target.refusal(under: guards) { return dial.end(.failure(refusal)) }
        guard let attempt = DialAttempt(dial, guards: guards) else { return dial.end(.failure(.system(code: ENOMEM))) }
        guard attempt.prepare() else { return dial.end(.failure(.unusableTarget)) }
        guard curl_multi_add_handle(multi, attempt.easy) == CURLM_OK else {
            return dial.end(.failure(.system(code: ENOMEM)))
        }
        attempts[ObjectIdentifier(dial)] = attempt
    }

    private func endFinished() {
        var result = CURLE_OK
        while let easy = ccurl_multi_next_finished(multi, &result) {
            // Set by `DialAttempt.prepare` and alive: the table keeps the attempt until `end`.
            let owner = ccurl_owner(easy).unsafelyUnwrapped
            let attempt = Unmanaged<DialAttempt>.fromOpaque(owner).takeUnretainedValue()
            end(attempt, attempt.outcome(of: result, leaving: inert))
        }
    }

    /// The only way to remove an attempt from the table.
    private func end(_ attempt: DialAttempt, _ result: Result<Int32, DialFailure>) {
        attempts[ObjectIdentifier(attempt.dial)] = nil
        // Also closes what libcurl still holds of the connection; nothing else could (`curl_multi_remove_handle`).
        curl_multi_remove_handle(multi, attempt.easy)
        attempt.dial.end(result)
    }
}
