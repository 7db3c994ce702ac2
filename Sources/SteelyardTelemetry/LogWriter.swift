import Dispatch
import Glibc
import SteelyardClock
import Synchronization

/// Writes lines to a descriptor outside the event loops, so that a log reader that stalls never stalls a request.
///
/// Lines are written in batches every few milliseconds: waking the writing thread for each line took two futex calls, a
/// write and two thread switches per request. The buffer is bounded: beyond its limit, lines are dropped and counted,
/// and the count is written when there is room.
public final class LogWriter: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var droppedLines: Int64 = 0
        /// Whether a call of ``drain()`` is pending.
        var isScheduled = false
    }

    private static let gatheringTime = DispatchTimeInterval.milliseconds(20)
    private let descriptor: Int32
    private let format: LogLineFormat
    private let limitBytes: Int
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "steelyard.log")

    /// Makes a writer.
    ///
    /// - Parameters:
    ///   - descriptor: Where lines go, 1 for standard output. The caller still owns it.
    ///   - format: The format of the writer's own line about dropped lines.
    ///   - limitBytes: The most bytes that may wait.
    public init(descriptor: Int32 = 1, format: LogLineFormat = .json, limitBytes: Int = 8 << 20) {
        self.descriptor = descriptor
        self.format = format
        self.limitBytes = limitBytes
    }

    /// Adds a line, which must end in a line feed. It never waits for I/O.
    public func write(_ line: [UInt8]) {
        let isFirst = state.withLock { state in
            guard state.waiting.count + line.count <= limitBytes else {
                state.droppedLines += 1
                return false
            }
            state.waiting += line
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { queue.asyncAfter(deadline: .now() + Self.gatheringTime) { self.drain() } }
    }

    /// Returns when everything added so far has been written, or after `seconds`: a reader that has stalled must not
    /// keep the process from ending. The result says whether everything was written.
    @discardableResult
    public func flush(within seconds: Double) -> Bool {
        let written = DispatchSemaphore(value: 0)
        queue.async {
            self.drain()
            written.signal()
        }
        return written.wait(timeout: .now() + seconds) == .success
    }

    private func drain() { put(take()) }

    /// Takes the waiting bytes. The next added line schedules the next drain.
    private func take() -> [UInt8] {
        state.withLock { state in
            state.isScheduled = false
            var lines = state.waiting
            if state.droppedLines > 0 { lines += dropped(state.droppedLines) }
            (state.waiting, state.droppedLines) = ([], 0)
            return lines
        }
    }

    /// The line that reports dropped lines.
    private func dropped(_ count: Int64) -> [UInt8] {
        var line = LogLine(
            format: format,
            atMilliseconds: WallClock.milliseconds(),
            level: "warning",
            message: "log lines dropped"
        )
        line.add("count", count)
        return line.finished()
    }

    /// If the descriptor cannot be written any more, lines are lost, but no requests.
    private func put(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if !waitsOut(errno) {
                return
            }
        }
    }

    /// Whether writing can continue after an error. If another process made a terminal non-blocking, this waits for it.
    private func waitsOut(_ error: Int32) -> Bool {
        switch error {
        case EINTR: return true
        case EAGAIN:
            var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            return poll(&ready, 1, -1) >= 0 || errno == EINTR
        default: return false
        }
    }
}
