import Glibc
import SteelyardMetrics

/// `process_*` as every Prometheus client library exports them, read from `/proc` at scrape time (proc(5)).
///
/// Source: prometheus.io, "Writing client libraries", process metrics. Values that cannot be read are left out.
enum ProcessReadings {
    static func declare(in registry: MetricRegistry) {
        registry.observedCounter("process_cpu_seconds_total", help: "CPU time of the process.") { readings in
            guard let stat = ProcessStat.read() else { return }
            readings.add(.nanoseconds(stat.cpuNanoseconds))
        }
        gauge("process_resident_memory_bytes", "Resident memory.", registry) { ProcessStat.read()?.residentBytes }
        gauge("process_virtual_memory_bytes", "Address space.", registry) { ProcessStat.read()?.virtualBytes }
        gauge("process_threads", "Threads.", registry) { ProcessStat.read()?.threads }
        gauge("process_start_time_seconds", "Start since 1970.", registry) { ProcessStat.read()?.startSeconds }
        gauge("process_open_fds", "Open file descriptors.", registry) { openDescriptors() }
        gauge("process_max_fds", "Limit of file descriptors.", registry) { Descriptors.limit }
    }

    private static func gauge(
        _ name: String,
        _ help: String,
        _ registry: MetricRegistry,
        _ read: @escaping @Sendable () -> Int64?
    ) {
        registry.observedGauge(name, help: help) { readings in
            if let value = read() { readings.add(.integer(value)) }
        }
    }

    private static func openDescriptors() -> Int64? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count: Int64 = 0
        while readdir(directory) != nil { count += 1 }
        // Without ".", ".." and the descriptor of the listing itself.
        return count - 3
    }
}

/// The fields of `/proc/self/stat` that metrics need.
struct ProcessStat {
    let cpuNanoseconds: Int64
    let threads: Int64
    let startSeconds: Int64
    let virtualBytes: Int64
    let residentBytes: Int64

    static func read() -> ProcessStat? {
        guard let text = SmallFile.read("/proc/self/stat"), let close = text.lastIndex(of: ")") else { return nil }
        // The fields after the command name, which may contain spaces: index 0 is field 3, "state".
        let fields = text[text.index(after: close)...].split(separator: " ").map { Int64($0) ?? 0 }
        guard fields.count > 21, let booted = bootSeconds else { return nil }
        let ticks = Int64(sysconf(Int32(_SC_CLK_TCK)))
        return ProcessStat(
            cpuNanoseconds: (fields[11] + fields[12]) * (1_000_000_000 / max(1, ticks)),
            threads: fields[17],
            startSeconds: booted + fields[19] / max(1, ticks),
            virtualBytes: fields[20],
            residentBytes: fields[21] * Int64(sysconf(Int32(_SC_PAGESIZE)))
        )
    }

    /// When the kernel started. This never changes, so it is read once; the file grows with the number of cores.
    private static let bootSeconds = SmallFile.read("/proc/stat")?.split(separator: "\n")
        .first { $0.hasPrefix("btime ") }
        .flatMap { Int64($0.dropFirst(6)) }
}

/// Files of `/proc` that fit into one buffer.
enum SmallFile {
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
