import Dispatch
import Glibc
import Synchronization

/// Writes lines to a descriptor away from the event loops, so that a log reader that stalls never stalls a request.
///
/// Lines wait a few milliseconds for each other: to wake the writing thread for each of them took a tenth of a request's
/// time. What waits is bounded: past the limit lines are dropped and counted, and the count is written when there is
/// room.
public final class LogWriter: Sendable {
    private struct State {
        var waiting: [UInt8] = []
        var droppedLines = 0
        /// Whether ``drain()`` will be called.
        var isScheduled = false
    }

    private static let limitBytes = 8 << 20
    private static let gatheringTime = DispatchTimeInterval.milliseconds(5)
    private let descriptor: Int32
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "steelyard.log")

    /// Makes a writer; the descriptor (1 is standard output) stays the caller's.
    public init(descriptor: Int32 = 1) { self.descriptor = descriptor }

    /// Adds a line, which ends in a line feed; never waits for I/O.
    public func write(_ line: [UInt8]) {
        let isFirst = state.withLock { state in
            guard state.waiting.count + line.count <= Self.limitBytes else {
                state.droppedLines += 1
                return false
            }
            state.waiting += line
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { queue.asyncAfter(deadline: .now() + Self.gatheringTime) { self.drain() } }
    }

    /// Returns when everything added so far has been written.
    public func flush() { queue.sync { self.drain() } }

    private func drain() { put(take()) }

    /// What waits; the next line that is added schedules the next drain.
    private func take() -> [UInt8] {
        state.withLock { state in
            state.isScheduled = false
            var lines = state.waiting
            if state.droppedLines > 0 { lines += LogLine.dropped(state.droppedLines) }
            (state.waiting, state.droppedLines) = ([], 0)
            return lines
        }
    }

    /// A descriptor that cannot be written to any more loses lines, never requests.
    private func put(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}
