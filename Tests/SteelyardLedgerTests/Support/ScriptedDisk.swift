import Glibc
import Synchronization

@testable import SteelyardLedger

/// A disk that is full or fails when a test says so, below the journal's system calls.
final class ScriptedDisk: Sendable {
    struct State {
        /// Bytes that still fit; nil means no limit.
        var room: Int?
        var syncError: Int32?
        var truncates = true
        var syncs = 0
        var syncedDescriptors: [Int32] = []
    }

    let state = Mutex(State())

    var calls: SegmentCalls {
        SegmentCalls(
            write: { descriptor, bytes in self.write(descriptor, bytes) },
            sync: { descriptor in self.sync(descriptor) },
            truncate: { descriptor, bytes in
                self.state.withLock { $0.truncates } ? ftruncate(descriptor, bytes) : -1
            }
        )
    }

    var room: Int? {
        get { state.withLock { $0.room } }
        set { state.withLock { $0.room = newValue } }
    }

    /// Like the kernel's: writes what fits, and returns ENOSPC if nothing fits.
    private func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        let count = state.withLock { state in
            let count = min(bytes.count, state.room ?? bytes.count)
            state.room = state.room.map { $0 - count }
            return count
        }
        guard count > 0 else {
            errno = ENOSPC
            return -1
        }
        return Glibc.write(descriptor, bytes.baseAddress, count)
    }

    private func sync(_ descriptor: Int32) -> Int32 {
        let error = state.withLock { state in
            state.syncs += 1
            state.syncedDescriptors.append(descriptor)
            return state.syncError
        }
        guard let error else { return fdatasync(descriptor) }
        errno = error
        return -1
    }
}
