import Dispatch
import Glibc
import Testing

@testable import SteelyardTelemetry

@Suite("The log's writer")
struct LogWriterTests {
    private static let line = Array((String(repeating: "x", count: 1023) + "\n").utf8)

    @Test("writes every line whole, in the order of each thread")
    func concurrent() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writing)
        DispatchQueue.global().async {
            DispatchQueue.concurrentPerform(iterations: 4) { thread in
                for number in 0..<1000 { writer.write(Array("\(thread) \(number)\n".utf8)) }
            }
            writer.flush(within: 60)
            close(pipe.writing)
        }
        let lines = String(decoding: pipe.readAll(), as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 4000)
        for thread in 0..<4 {
            #expect(lines.filter { $0.hasPrefix("\(thread) ") } == (0..<1000).map { "\(thread) \($0)" })
        }
    }

    @Test("writes what waits without being asked to, time and again")
    func unasked() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writing)
        for number in 0..<3 {
            writer.write(Array("\(number)\n".utf8))
            #expect(pipe.readSome() == Array("\(number)\n".utf8))
        }
        close(pipe.writing)
    }

    @Test("never waits for a reader: past its bound lines are dropped, counted, and the count is written")
    func bound() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writing, limitBytes: 16 * 1024)
        // Nobody reads: the kernel takes a full pipe, and the writer keeps its limit and what it had taken before.
        for _ in 0..<10_000 { writer.write(Self.line) }
        DispatchQueue.global().async {
            writer.flush(within: 60)
            close(pipe.writing)
        }
        let lines = String(decoding: pipe.readAll(), as: UTF8.self).split(separator: "\n")
        let dropped = lines.compactMap {
            $0.hasPrefix("{") ? Int($0.split(separator: ":").last?.dropLast() ?? "") : nil
        }
        #expect(lines.count { $0.hasPrefix("x") } + dropped.reduce(0, +) == 10_000)
        #expect(dropped.contains { $0 > 0 })
    }

    @Test("says in its own format what was dropped")
    func textReport() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writing, format: .text, limitBytes: 2048)
        for _ in 0..<1000 { writer.write(Self.line) }
        DispatchQueue.global().async {
            writer.flush(within: 60)
            close(pipe.writing)
        }
        let text = String(decoding: pipe.readAll(), as: UTF8.self)
        #expect(text.contains(" warning log lines dropped count="))
    }

    @Test("gives a stalled reader up at the end")
    func stalled() throws {
        let pipe = try Pipe()
        let writer = LogWriter(descriptor: pipe.writing)
        for _ in 0..<200 { writer.write(Self.line) }
        #expect(!writer.flush(within: 0.05))
        _ = pipe.readSome()
        _ = pipe.readSome()
        _ = pipe.readSome()
        _ = pipe.readSome()
        #expect(writer.flush(within: 60))
        close(pipe.writing)
    }

    @Test("waits for a descriptor that somebody made non-blocking")
    func nonBlocking() throws {
        let pipe = try Pipe()
        #expect(fcntl(pipe.writing, F_SETFL, O_NONBLOCK) == 0)
        let writer = LogWriter(descriptor: pipe.writing)
        for _ in 0..<500 { writer.write(Self.line) }
        DispatchQueue.global().async {
            writer.flush(within: 60)
            close(pipe.writing)
        }
        #expect(pipe.readAll().count == 500 * 1024)
    }

    @Test("loses its lines, and nothing else, when the descriptor is gone")
    func closedDescriptor() {
        let writer = LogWriter(descriptor: -1)
        writer.write(Self.line)
        #expect(writer.flush(within: 60))
    }
}
