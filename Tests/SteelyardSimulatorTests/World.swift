import SteelyardSimulator

/// A simulator for one test, and requests to it.
struct World {
    let simulator: Simulator
    static let chat = #""model":"gpt-4.1","messages":[{"role":"user","content":"Hello"}]"#

    /// Runs a test with a new simulator.
    static func with<Result>(
        _ change: (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: (World) async throws -> Result
    ) async throws -> Result {
        var configuration = SimulatorConfiguration()
        change(&configuration)
        let simulator = try await Simulator.start(configuration)
        do {
            let result = try await body(World(simulator: simulator))
            await simulator.shutdown()
            return result
        } catch {
            await simulator.shutdown()
            throw error
        }
    }

    func connect() -> RawConnection { RawConnection(port: simulator.port) }

    /// The bytes of a POST.
    static func post(_ path: String, _ body: String, simulate: String? = nil, headers: [String] = []) -> String {
        let lines = ["POST \(path) HTTP/1.1", "host: test", "content-length: \(body.utf8.count)"] + headers
        return (lines + (simulate.map { ["x-simulate: \($0)"] } ?? []) + ["", body]).joined(separator: "\r\n")
    }

    /// The bytes of a GET.
    static func get(_ path: String, method: String = "GET", simulate: String? = nil) -> String {
        let lines = ["\(method) \(path) HTTP/1.1", "host: test"]
        return (lines + (simulate.map { ["x-simulate: \($0)"] } ?? []) + ["", ""]).joined(separator: "\r\n")
    }

    /// One request on its own connection.
    func answer(_ request: String) -> ReceivedAnswer {
        let connection = connect()
        connection.send(request)
        return connection.receiveAnswer()
    }

    /// A chat completion; `members` are added to the body.
    func chat(_ members: String = "", simulate: String? = nil) -> ReceivedAnswer {
        answer(World.post("/v1/chat/completions", "{\(World.chat)\(members)}", simulate: simulate))
    }
}
