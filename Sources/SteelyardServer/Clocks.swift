import Glibc
import NIOCore
import SteelyardExchange

extension Tick {
    /// The monotonic clock, the same that NIO's deadlines and the upstream workers read.
    static func now() -> Tick { Tick(nanoseconds: NIODeadline.now().uptimeNanoseconds) }
}

/// The calendar's clock.
enum WallClock {
    /// Seconds since 1970.
    static func seconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec)
    }
}

extension ExchangeID {
    /// 128 bits from the system's generator: never guessed, never the same twice.
    static func random() -> ExchangeID {
        var generator = SystemRandomNumberGenerator()
        return ExchangeID(high: generator.next(), low: generator.next())
    }
}
