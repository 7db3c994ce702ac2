import Glibc
import ScriptedPeer
import SteelyardExchange
import Testing

@testable import SteelyardServer

/// How many descriptors this process has open.
private func openDescriptors() -> Int { (0..<4096).count { fcntl($0, F_GETFD) >= 0 } }

/// A server and its requests: some end well, some by the provider, some by the client.
private func serve(_ requestCount: Int) async throws {
    let provider = ScriptedServer { connection in
        while let request = connection.readRequest() {
            if request.requestLine.contains("/dies") { return }
            if request.requestLine.contains("/broken") {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")
            }
            if request.requestLine.contains("/broken") { return }
            connection.send(Answers.ok)
        }
    }
    try await ServerFixture.with(provider) { server in
        for index in 0..<requestCount {
            let client = server.connect()
            let name = ["models", "models/dies", "models/broken", "models/m"][index % 4]
            client.send("GET /v1/\(name) HTTP/1.1\r\nHost: t\r\n\r\n")
            if index % 3 == 0 { client.reset() } else { _ = client.receiveAnswer() }
        }
        try await eventually { server.services.connectionCount == 0 && server.services.exchangeCount == 0 }
    }
}

@Suite("Descriptors", .timeLimit(.minutes(1)))
struct DescriptorTests {
    /// In a process of its own, because every other test opens descriptors as well.
    @Test("are all closed after a thousand requests")
    func thousandRequests() async {
        await #expect(processExitsWith: .success) {
            // What the process keeps for good is open after the first ones.
            try await serve(8)
            let before = openDescriptors()
            try await serve(1000)
            // Ours are closed by now; the provider's ends close as soon as its scripts notice.
            let patience = ContinuousClock.now + .seconds(20)
            while openDescriptors() > before, ContinuousClock.now < patience { sched_yield() }
            let after = openDescriptors()
            #expect(after <= before, "before: \(before), after: \(after)")
        }
    }
}
