import NIOCore
import ScriptedPeer
import SteelyardExchange
import SteelyardPolicy
import SteelyardWire
import Testing

@testable import SteelyardServer

@Suite("Forms on the wire", .timeLimit(.minutes(1)))
struct FormTests {
    private static let ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    private static let model = field("model", "gpt-4o-transcribe")
    private static let end = "--b--\r\n"

    private static func field(_ name: String, _ value: String) -> String {
        "--b\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
    }

    /// A file in which many a line begins like a delimiter.
    private static func file(_ byteCount: Int) -> String {
        let line = "\r\n--a\r\n-\u{0}x"
        let content = String(repeating: line, count: byteCount / line.utf8.count + 1)
        return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n\(content)\r\n"
    }

    /// A team that may use certain models only.
    private static func allowing(_ settings: inout ServerSettings) {
        var team = Team(name: "unassigned")
        team.allowedModels = [ModelPattern("gpt-4o-*")]
        settings.teams = [team]
    }

    private static func framed(_ body: [UInt8], isChunked: Bool) -> [UInt8] {
        guard isChunked else { return Array(Requests.upload(announcing: body.count).utf8) + body }
        let head = Requests.upload(announcing: 0).replacing("Content-Length: 0", with: "Transfer-Encoding: chunked")
        var bytes = Array(head.utf8)
        for chunk in body.pieces(of: 10_000) {
            bytes += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + Array("\r\n".utf8)
        }
        return bytes + Array("0\r\n\r\n".utf8)
    }

    @Test(
        "arrive as they were sent, however they are cut, and name their model",
        arguments: [10, 60_000, 65_300, 65_536, 300_000],
        [true, false]
    )
    func everyByte(fileBytes: Int, isModelFirst: Bool) async throws {
        let file = Self.file(fileBytes)
        let body = Array(((isModelFirst ? Self.model + file : file + Self.model) + Self.end).utf8)
        for hasRules in [false, true] {
            let provider = ScriptedServer.answering(Self.ok)
            try await ServerFixture.with(provider, { if hasRules { Self.allowing(&$0) } }) { server in
                let client = server.connect()
                for (isChunked, cut) in [(false, 100_000), (true, 7000), (false, 65_536), (true, 100_000)] {
                    for piece in Self.framed(body, isChunked: isChunked).pieces(of: cut) { client.send(piece) }
                    #expect(client.receiveAnswer()?.text == "{}")
                }
                #expect(provider.requests.map(\.body) == Array(repeating: body, count: 4))
                #expect(provider.requests.map { $0.values(of: "content-length").count } == [1, 0, 1, 0])
                let summaries = await server.recorder.summaries(count: 4)
                #expect(summaries.map(\.modelAsked) == Array(repeating: "gpt-4o-transcribe", count: 4))
                try await eventually { server.services.gatherBudget.takenBytes == 0 }
            }
        }
    }

    @Test("are the same at every cut of a small one")
    func everyCut() async throws {
        let body = Array((Self.field("model", "whisper-1") + Self.file(5) + Self.end).utf8)
        let provider = ScriptedServer.answering(Self.ok)
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            for cut in stride(from: 1, to: body.count, by: 3) {
                client.send(Array(Requests.upload(announcing: body.count).utf8) + body[..<cut])
                client.send(body[cut...])
                #expect(client.receiveAnswer()?.status == 200)
            }
            #expect(provider.requests.allSatisfy { $0.body == body })
            #expect(server.recorder.summaries.allSatisfy { $0.modelAsked == "whisper-1" })
        }
    }

    @Test("with a model that is not for their team reach no provider", arguments: [true, false])
    func notAllowed(isModelFirst: Bool) async throws {
        let (model, file) = (Self.field("model", "whisper-1"), Self.file(300_000))
        let body = Array(((isModelFirst ? model + file : file + model) + Self.end).utf8)
        let provider = ScriptedServer.answering(Self.ok)
        try await ServerFixture.with(provider, Self.allowing) { server in
            let client = server.connect()
            client.send(Self.framed(body, isChunked: false))
            let answer = client.receiveAnswer()
            #expect(answer?.status == 403)
            #expect(answer?.envelope?.code == "model_not_allowed")
            #expect(provider.connectionCount == 0)
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
            #expect(await server.recorder.summaries(count: 1).map(\.modelAsked) == ["whisper-1"])
        }
    }

    @Test("with a second model behind what was kept back are broken off, and never whole for the provider")
    func secondModel() async throws {
        let closed = Signal()
        let provider = ScriptedServer { connection in
            #expect(connection.readRequest() == nil, "the form looked complete")
            closed.raise()
        }
        try await ServerFixture.with(provider) { server in
            let body = Array((Self.model + Self.file(100_000) + Self.field("model", "whisper-1") + Self.end).utf8)
            let client = server.connect()
            client.send(Array(Requests.upload(announcing: body.count).utf8) + body[..<90_000])
            try await eventually { provider.connectionCount == 1 }
            client.send(body[90_000...])
            let answer = client.receiveAnswer()
            #expect(answer?.status == 400)
            #expect(answer?.envelope?.code == "ambiguous_request")
            #expect(client.receiveEnding() == .fin)
            await closed.raised()
            let summary = try #require(await server.recorder.summaries(count: 1).first)
            #expect(summary.status == 400)
            #expect(summary.error == .clientInvalid)
            #expect(summary.charge?.weight.cost == .zero)
            #expect(server.recorder.inFlight == 0)
        }
    }

    @Test("that stop coming, or are left, before they have named a model reach nobody", arguments: [true, false])
    func stops(leaves: Bool) async throws {
        let provider = ScriptedServer.answering(Self.ok)
        let change: (inout ServerSettings) -> Void = { if !leaves { $0.limits.bodyTimeout = .milliseconds(50) } }
        try await ServerFixture.with(provider, change) { server in
            let client = server.connect()
            client.send(Requests.upload(announcing: 100_000) + Self.model)
            try await eventually { server.services.gatherBudget.takenBytes > 0 || !server.recorder.summaries.isEmpty }
            if leaves { client.close() } else { #expect(client.receiveAnswer()?.status == 408) }
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [leaves ? 499 : 408])
            #expect(provider.connectionCount == 0)
            #expect(server.recorder.records.isEmpty)
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
        }
    }

    @Test("have no room where other bodies have taken it")
    func noRoom() async throws {
        let provider = ScriptedServer.answering(Self.ok)
        try await ServerFixture.with(provider, { $0.gatherBytes = 1000 }) { server in
            let client = server.connect()
            client.send(Requests.uploadBegun(announcing: 100_000))
            let answer = client.receiveAnswer()
            #expect(answer?.status == 503)
            #expect(answer?.envelope?.code == "overloaded")
            #expect(provider.connectionCount == 0)
        }
    }

    @Test("take room until their provider has taken them, and leave none for others meanwhile")
    func slowProvider() async throws {
        let body = Array((Self.file(8 << 20) + Self.model + Self.end).utf8)
        let goOn = Signal()
        let provider = ScriptedServer { connection in
            guard connection.readHead() != nil else { return }
            goOn.wait()
            guard connection.take(body.count) != nil else { return }
            connection.send(Self.ok)
        }
        let change: (inout ServerSettings) -> Void = { settings in
            Self.allowing(&settings)
            settings.gatherBytes = 12 << 20
        }
        try await ServerFixture.with(provider, change) { server in
            let form = Self.framed(body, isChunked: false)
            let (first, second) = (server.connect(), server.connect())
            first.send(form)
            try await eventually { provider.connectionCount == 1 }
            // All that is left, and less beyond it than is read on for.
            second.send(form[..<(9 << 19)])
            #expect(second.receiveAnswer()?.envelope?.code == "overloaded")
            goOn.raise()
            #expect(first.receiveAnswer()?.status == 200)
            try await eventually { server.services.gatherBudget.takenBytes == 0 }
        }
    }

    @Test("whose end came by itself are left as soon as their client leaves")
    func leftWhileAnswerIsAwaited() async throws {
        let provider = ScriptedServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.waitForClose()
        }
        try await ServerFixture.with(provider) { server in
            let client = server.connect()
            let head = Requests.upload(announcing: 0).replacing("Content-Length: 0", with: "Transfer-Encoding: chunked")
            // Without a line end behind the last delimiter a form may go on until its body ends.
            let form = Self.model + Self.field("stream", "true") + "--b--"
            client.send(head + "\(String(form.utf8.count, radix: 16))\r\n\(form)\r\n")
            client.send("0\r\n\r\n")
            try await eventually { provider.requests.count == 1 }
            client.close()
            #expect(await server.recorder.summaries(count: 1).map(\.status) == [499])
        }
    }

    @Test("are kept back no further than a body may be long")
    func tooLate() async throws {
        let provider = ScriptedServer.answering(Self.ok)
        let change: (inout ServerSettings) -> Void = { settings in
            Self.allowing(&settings)
            settings.bodyLimitBytes = 200_000
        }
        try await ServerFixture.with(provider, change) { server in
            let client = server.connect()
            client.send(Self.framed(Array((Self.file(300_000) + Self.model + Self.end).utf8), isChunked: false))
            #expect(client.receiveAnswer()?.status == 413)
            #expect(provider.connectionCount == 0)
            let free = Self.framed(Array((Self.model + Self.file(300_000) + Self.end).utf8), isChunked: false)
            let other = server.connect()
            other.send(free)
            #expect(other.receiveAnswer()?.status == 200, "the limit is not for what streams")
        }
    }
}
