import CCurl
import Glibc
import NIOCore
import SteelyardClock
import SteelyardExchange
import SteelyardPolicy

/// One upstream worker: a thread, an epoll instance and a libcurl multi handle that only this thread touches.
///
/// In each round it takes the commands, lets libcurl work on what is ready, ends finished transfers, and then delivers
/// all new events to each observer in one task. Only the round calls libcurl, never one of libcurl's callbacks.
final class WorkerLoop {
    let guards: TransferGuards
    let sockets: SocketRegistry
    private let inbox: WorkerInbox
    private let poll: EventPoll
    private let multi: UnsafeMutableRawPointer
    private let sweep: ConnectionSweep
    private let onOpenings: (@Sendable ([ChargeOpening]) -> Bool)?
    private var table: ProviderTable
    private var shelf = HandleShelf()
    private var transfers: [ObjectIdentifier: Transfer] = [:]
    private var withNews: [Transfer] = []
    private var commands: [WorkerCommand] = []
    private var timerDueAt: UInt64?
    private var isStopped = false

    init(
        inbox: WorkerInbox,
        table: ProviderTable,
        guards: TransferGuards,
        onOpenings: (@Sendable ([ChargeOpening]) -> Bool)?
    ) throws {
        poll = try EventPoll(wake: inbox.wake)
        sockets = SocketRegistry(poll: poll)
        guard let multi = curl_multi_init() else { throw UpstreamSetupError(step: "curl_multi_init", code: ENOMEM) }
        guard let sweep = ConnectionSweep() else { throw UpstreamSetupError(step: "curl_easy_init", code: ENOMEM) }
        self.inbox = inbox
        self.multi = multi
        self.sweep = sweep
        self.table = table
        self.guards = guards
        self.onOpenings = onOpenings
        shelf.keep(table)
        setMultiOptions()
    }

    /// Works until ``WorkerCommand/stop``; then it ends every transfer as cancelled and frees everything.
    func run() {
        while !isStopped { round() }
        close()
    }

    /// A transfer has events to deliver at the end of the round.
    func hasNews(_ transfer: Transfer) { withNews.append(transfer) }

    private func round() {
        let isWoken = poll.wait(
            milliseconds: millisecondsToTimer(),
            ready: { descriptor, events in act(on: descriptor, Self.actions(for: events)) },
            disturbed: disturbed
        )
        if isWoken { takeCommands() }
        sweep.begin(in: multi, at: Tick.now().nanoseconds)
        fireTimer()
        endFinished()
        deliver()
    }

    private func disturbed(_ descriptor: Int32) {
        guard guards.contains(.uncleanReuse), sockets.disturbed(descriptor) else { return }
        sweep.ask(at: Tick.now().nanoseconds)
    }

    /// Asks for another sweep: the connections that the last one left are too young, or libcurl had looked at them less
    /// than a second before.
    private func sweepAgain() {
        let now = Tick.now().nanoseconds
        if sockets.hasGivenUp { return sweep.ask(at: now) }
        if sockets.hasOpen { sweep.ask(at: now + UInt64(ConnectionAge.idleSeconds + 1) * 1_000_000_000) }
    }

    private func deliver() {
        for transfer in withNews { transfer.deliver() }
        withNews.removeAll(keepingCapacity: true)
    }

    private func close() {
        for transfer in transfers.values { end(transfer, Self.cancelled(transfer, "the upstream pool was shut down")) }
        deliver()
        for case .start(let newcomer) in inbox.closed() { newcomer.refuseAfterShutdown() }
        shelf.removeAll()
        sweep.stop(in: multi)
        curl_multi_cleanup(multi)
    }
}

/// Driving libcurl (https://curl.se/libcurl/c/libcurl-multi.html, "multi_socket").
extension WorkerLoop {
    private func setMultiOptions() {
        // The loop lives longer than the multi handle, which it frees itself.
        let context = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_on_socket(multi, Self.watchesSocket, context)
        ccurl_multi_on_timer(multi, Self.setsTimer, context)
        // The default limit, four times the number of running transfers, would close idle connections after a lull.
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 1024)
    }

    private static func at(_ context: UnsafeMutableRawPointer?) -> WorkerLoop {
        // Set by `setMultiOptions` together with the function and never nil.
        Unmanaged<WorkerLoop>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
    }

    private static let watchesSocket: curl_socket_callback = { _, descriptor, action, context, _ in
        let loop = at(context)
        switch action {
        case CURL_POLL_IN: loop.poll.watch(descriptor, for: ccurl_epoll_in)
        case CURL_POLL_OUT: loop.poll.watch(descriptor, for: ccurl_epoll_out)
        case CURL_POLL_INOUT: loop.poll.watch(descriptor, for: ccurl_epoll_in | ccurl_epoll_out)
        // The registry reports only the closing of its own sockets; libcurl has others, such as its resolver's.
        default:
            if loop.sockets.contains(descriptor) { loop.poll.rest(descriptor) } else { loop.poll.unwatch(descriptor) }
        }
        return 0
    }

    private static let setsTimer: curl_multi_timer_callback = { _, milliseconds, context in
        at(context).timerDueAt = milliseconds < 0 ? nil : Tick.now().nanoseconds + UInt64(milliseconds) * 1_000_000
        return 0
    }

    private static func actions(for events: UInt32) -> Int32 {
        var actions: Int32 = 0
        if events & ccurl_epoll_in != 0 { actions |= CURL_CSELECT_IN }
        if events & ccurl_epoll_out != 0 { actions |= CURL_CSELECT_OUT }
        if events & ccurl_epoll_failed != 0 { actions |= CURL_CSELECT_ERR }
        return actions
    }

    private func act(on descriptor: Int32, _ actions: Int32) {
        var running: Int32 = 0
        curl_multi_socket_action(multi, descriptor, actions, &running)
    }

    /// Milliseconds until libcurl's timer or the next sweep, rounded up so that the wait does not end just before it;
    /// −1 if there is neither.
    private func millisecondsToTimer() -> Int32 {
        let dueAt = min(timerDueAt ?? .max, sweep.dueAt ?? .max)
        guard dueAt < .max else { return -1 }
        let now = Tick.now().nanoseconds
        return dueAt <= now ? 0 : Int32(clamping: (dueAt - now + 999_999) / 1_000_000)
    }

    /// Calls libcurl a few times in a row, because it often asks to be called again at once; each call would be a
    /// round.
    private func fireTimer() {
        for _ in 0..<4 {
            guard let due = timerDueAt, due <= Tick.now().nanoseconds else { return }
            timerDueAt = nil
            act(on: CURL_SOCKET_TIMEOUT, 0)
        }
    }

    private func endFinished() {
        var result = CURLE_OK
        while let easy = ccurl_multi_next_finished(multi, &result) {
            guard let owner = ccurl_owner(easy) else {
                if sweep.ends(easy, in: multi) { sweepAgain() }
                continue
            }
            // The transfer keeps its handle until `end`, so the pointer is alive.
            let handle = Unmanaged<EasyHandle>.fromOpaque(owner).takeUnretainedValue()
            if let transfer = handle.transfer { finished(transfer, result) }
        }
    }

    private func finished(_ transfer: Transfer, _ result: CURLcode) {
        guard transfer.mayRepeat, let handle = transfer.handle else {
            return end(transfer, transfer.outcome(of: result))
        }
        curl_multi_remove_handle(multi, handle.easy)
        transfer.beginAgain()
        run(transfer, on: handle)
    }
}

/// Commands of other threads.
extension WorkerLoop {
    private func takeCommands() {
        inbox.take(into: &commands)
        let round = commands
        let isOnRecord = write(openingsOf: round)
        for command in round { perform(command, isOnRecord) }
        commands.removeAll(keepingCapacity: true)
    }

    /// Records openings before their requests can cost money; false if they could not be written.
    private func write(openingsOf round: [WorkerCommand]) -> Bool {
        guard let onOpenings else { return true }
        var openings: [ChargeOpening] = []
        for case .start(let newcomer) in round {
            if let opening = newcomer.plan.opening { openings.append(opening) }
        }
        return openings.isEmpty || onOpenings(openings)
    }

    private func perform(_ command: WorkerCommand, _ isOnRecord: Bool) {
        switch command {
        case .start(let newcomer) where !isOnRecord && newcomer.plan.mustBeRecorded:
            newcomer.refuse(.unrecorded, "Steelyard could not record its charge")
        case .start(let newcomer): start(newcomer)
        case .resume(let owner): transfers[ObjectIdentifier(owner)]?.resumeReceiving()
        case .send(let owner, let piece): send(piece, owner)
        case .sendEnd(let owner): transfers[ObjectIdentifier(owner)]?.receivedBodyEnd()
        case .cancel(let owner): cancel(owner)
        case .replaceProviders(let newest): replace(newest)
        case .stop: isStopped = true
        }
    }

    private func replace(_ newest: ProviderTable) {
        table = newest
        shelf.keep(newest)
    }

    private func start(_ newcomer: Newcomer) {
        let entry = table[newcomer.plan.provider] ?? ProviderTable.Entry(newcomer.plan.provider)
        let kind = EasyHandle.Kind(newcomer.plan, newcomer.body)
        let waiting = shelf.take(entry, kind)
        guard let handle = waiting ?? EasyHandle(for: entry, kind: kind, sockets: sockets, guards: guards) else {
            return newcomer.refuse(.unreachable, "out of memory")
        }
        let transfer = Transfer(newcomer, entry: entry, worker: self)
        guard transfer.begin(newcomer.plan, newcomer.body, on: handle) else {
            return newcomer.refuse(.unreachable, "the request contains bytes that cannot be sent")
        }
        transfers[ObjectIdentifier(newcomer.transfer)] = transfer
        run(transfer, on: handle)
    }

    private func run(_ transfer: Transfer, on handle: EasyHandle) {
        guard curl_multi_add_handle(multi, handle.easy) != CURLM_OK else { return }
        end(
            transfer,
            TransferEnd(failure: .unreachable, reachedProvider: false, detail: "libcurl did not accept the transfer")
        )
    }

    private func send(_ piece: ByteBuffer, _ owner: UpstreamTransfer) {
        guard let transfer = transfers[ObjectIdentifier(owner)], !transfer.received(piece: piece) else { return }
        end(transfer, transfer.outcome(of: CURLE_ABORTED_BY_CALLBACK))
    }

    private func cancel(_ owner: UpstreamTransfer) {
        guard let transfer = transfers[ObjectIdentifier(owner)] else { return }
        end(transfer, Self.cancelled(transfer, "cancelled"))
    }

    private static func cancelled(_ transfer: Transfer, _ detail: String) -> TransferEnd {
        TransferEnd(failure: .cancelled, reachedProvider: transfer.hasDeparted, detail: detail)
    }

    /// The only way to remove a transfer from the table. The handle of a failed transfer is freed: otherwise we would
    /// have to know, for every version of libcurl, what the handle keeps of the failure.
    private func end(_ transfer: Transfer, _ end: TransferEnd) {
        transfers[ObjectIdentifier(transfer.owner)] = nil
        transfer.report(.ended(end))
        guard let handle = transfer.detach() else { return }
        curl_multi_remove_handle(multi, handle.easy)
        if end.failure == nil { shelf.put(handle) }
        // Only the first transfer to end sets the time; later sweeps schedule the next ones.
        if sweep.dueAt == nil { sweepAgain() }
    }
}
