import Glibc
public import SteelyardPolicy

extension Tick {
    /// Reads the monotonic clock, which NIO's deadlines use too.
    public static func now() -> Tick {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Tick(nanoseconds: UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec))
    }
}

/// The wall clock.
public enum WallClock {
    /// Milliseconds since 1970.
    public static func milliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    /// Seconds since 1970.
    public static func seconds() -> Int64 { milliseconds() / 1000 }
}
