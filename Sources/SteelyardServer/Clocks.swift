import Glibc
import NIOCore
public import SteelyardExchange
import Synchronization

extension Tick {
    /// The monotonic clock, the same that NIO's deadlines and the upstream workers read.
    public static func now() -> Tick { Tick(nanoseconds: NIODeadline.now().uptimeNanoseconds) }
}

/// The calendar's clock.
public enum WallClock {
    /// Seconds since 1970.
    public static func seconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec)
    }
}

extension ExchangeID {
    private static let reserve = Mutex(RandomReserve())

    /// 128 bits from the system's generator: never guessed, never the same twice.
    static func random() -> ExchangeID {
        reserve.withLock { ExchangeID(high: $0.next(), low: $0.next()) }
    }
}

/// Bits of the system's generator fetched ahead: two system calls for each exchange cost more than all else about its id.
private struct RandomReserve: RandomNumberGenerator {
    /// The most that getentropy(3) gives at once.
    private static let byteCount = 256
    private var words: [UInt64] = []

    mutating func next() -> UInt64 {
        if words.isEmpty { refill() }
        return words.removeLast()
    }

    private mutating func refill() {
        words = [UInt64](repeating: 0, count: Self.byteCount / 8)
        // Fails only where the kernel has no generator; ids that can be guessed would be worse than none.
        let result = words.withUnsafeMutableBytes { bytes in bytes.baseAddress.map { getentropy($0, bytes.count) } }
        precondition(result == 0, "the system has no random numbers")
    }
}
