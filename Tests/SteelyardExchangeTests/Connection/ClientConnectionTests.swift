import SteelyardPolicy
import Testing

@testable import SteelyardExchange

/// A transcript: inputs, and what each must lead to.
struct ConnectionTranscript: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let lines: [(ConnectionInput, [String])]

    init(_ name: String, _ lines: [(ConnectionInput, [String])]) {
        testDescription = name
        self.lines = lines
    }
}

@Suite("A client connection")
struct ClientConnectionTests {
    private static let get = "GET /a HTTP/1.1\r\nHost: t\r\n\r\n"
    private static let next = "GET /b HTTP/1.1\r\nHost: t\r\n\r\n"
    private static let post = "POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 4\r\n\r\n"

    static let rows: [ConnectionTranscript] = [
        ConnectionTranscript(
            "takes one request after another",
            [
                (.bytes(get), ["GET /a", "request end"]), (.opened(), []), (.answered, []),
                (.bytes(next), ["GET /b", "request end"]), (.opened(), []), (.answered, []),
            ]
        ),
        ConnectionTranscript(
            "keeps a pipelined request until the answer before it has ended",
            [
                (.bytes(get + next), ["GET /a", "request end"]), (.opened(), []),
                (.answered, ["GET /b", "request end"]),
            ]
        ),
        ConnectionTranscript(
            "takes a body in the pieces in which it comes",
            [(.bytes(post + "ab"), ["POST /p", "body ab"]), (.bytes("cd"), ["body cd", "request end"])]
        ),
        ConnectionTranscript(
            "reads no body that its provider does not take",
            [
                (.bytes(post), ["POST /p"]), (.takesBody(false), []), (.bytes("abcd"), []),
                (.takesBody(true), ["body abcd", "request end"]),
            ]
        ),
        ConnectionTranscript(
            "lingers when the answer comes before the body",
            [
                (.bytes(post + "ab"), ["POST /p", "body ab"]), (.opened(), []), (.answered, ["linger"]),
                (.bytes("cd"), []),
            ]
        ),
        ConnectionTranscript(
            "closes when the client asked for it",
            [
                (.bytes("GET /a HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n"), ["GET /a", "request end"]),
                (.opened(), ["says close"]), (.answered, ["close"]),
            ]
        ),
        ConnectionTranscript(
            "lingers when more has come than was asked for",
            [
                (
                    .bytes("GET /a HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n" + next),
                    ["GET /a", "request end"]
                ), (.opened(), ["says close"]), (.answered, ["linger"]),
            ]
        ),
        ConnectionTranscript(
            "ends with an answer to HTTP/1.0, and with one to a client that offers another protocol",
            [
                (.bytes("GET /a HTTP/1.0\r\n\r\n"), ["GET /a", "request end"]), (.opened(), ["says close"]),
                (.answered, ["close"]),
            ]
        ),
        ConnectionTranscript(
            "refuses what is not HTTP, and reads nothing behind it",
            [(.bytes("nonsense\r\n\r\n" + get), ["400", "linger"]), (.bytes(get), [])]
        ),
        ConnectionTranscript(
            "cuts a client that sends on and on after its refusal",
            [
                (.bytes("nonsense\r\n"), ["400", "linger"]),
                (.bytes(String(repeating: "a", count: 1 << 20)), []), (.bytes("a"), ["cut"]),
            ]
        ),
        ConnectionTranscript(
            "closes when it has been idle",
            [(.passed(milliseconds: 74_000), []), (.passed(milliseconds: 75_000), ["close"])]
        ),
        ConnectionTranscript(
            "refuses a head that comes too slowly, however often a byte comes",
            [
                (.bytes("GET /a HT"), []), (.passed(milliseconds: 6000), []), (.bytes("TP/1"), []),
                (.passed(milliseconds: 3999), []), (.bytes(".1"), []), (.passed(milliseconds: 1), ["408"]),
            ]
        ),
        ConnectionTranscript(
            "times the head behind a request from when its turn has come",
            [
                (.bytes(get + "GET /b"), ["GET /a", "request end"]), (.passed(milliseconds: 20_000), []),
                (.opened(), []), (.answered, []), (.passed(milliseconds: 9999), []),
                (.passed(milliseconds: 1), ["408"]),
            ]
        ),
        ConnectionTranscript(
            "does not take an empty line between requests for a head",
            [
                (.bytes(get), ["GET /a", "request end"]), (.opened(), []), (.answered, []), (.bytes("\r\n"), []),
                (.passed(milliseconds: 11_000), []), (.bytes(next), ["GET /b", "request end"]),
            ]
        ),
        ConnectionTranscript(
            "refuses a body that stops coming",
            [
                (.bytes(post), ["POST /p"]), (.passed(milliseconds: 59_000), []),
                (.passed(milliseconds: 60_000), ["408"]),
            ]
        ),
        ConnectionTranscript(
            "waits for the exchange once the request is whole",
            [(.bytes(get), ["GET /a", "request end"]), (.passed(milliseconds: 1_000_000), [])]
        ),
        ConnectionTranscript(
            "cuts a client that takes nothing, and not one that reads slowly",
            [
                (.bytes(get), ["GET /a", "request end"]), (.opened(), []), (.wrote(1000), []),
                (.unwritable(waiting: 900), []),
                (.passed(milliseconds: 60_000, isWritable: false, waiting: 899), []),
                (.passed(milliseconds: 60_000, isWritable: false, waiting: 899), ["cut"]),
            ]
        ),
        ConnectionTranscript(
            "asks a client that sends nothing more whether it still waits, once",
            [
                (.bytes(get), ["GET /a", "request end"]), (.fin, []), (.passed(milliseconds: 500), ["ask"]),
                (.wrote(25), []), (.passed(milliseconds: 100_000), []), (.opened(), ["says close"]),
                (.answered, ["close"]),
            ]
        ),
        ConnectionTranscript(
            "takes a client that sends nothing more for gone where it cannot be asked",
            [
                (.bytes(get), ["GET /a", "request end"]), (.opened(), []), (.fin, []),
                (.passed(milliseconds: 500), ["closeNow"]),
            ]
        ),
        ConnectionTranscript(
            "serves everything that came before the end of the input",
            [
                (.bytes(get + next + "GET /c"), ["GET /a", "request end"]), (.fin, []), (.opened(), []),
                (.answered, ["GET /b", "request end"]), (.opened(), []), (.answered, ["closeNow"]),
            ]
        ),
        ConnectionTranscript("closes when an idle client ends its input", [(.fin, ["close"])]),
        ConnectionTranscript(
            "closes behind an answer within which the client ended its input",
            [
                (.bytes(get), ["GET /a", "request end"]), (.opened(), []), (.fin, []), (.wrote(9), []),
                (.answered, ["close"]),
            ]
        ),
        ConnectionTranscript(
            "leaves at once when half a request is all that will come",
            [(.bytes(post + "a"), ["POST /p", "body a"]), (.fin, ["closeNow"])]
        ),
        ConnectionTranscript("closes at once when the listener ends", [(.quiesce, ["close"])]),
        ConnectionTranscript(
            "ends with its answer when the listener ends",
            [
                (.bytes(get), ["GET /a", "request end"]), (.quiesce, []), (.opened(), ["says close"]),
                (.answered, ["close"]),
            ]
        ),
        ConnectionTranscript(
            "finishes a head that had begun when the listener ends",
            [
                (.bytes("GET /a HT"), []), (.quiesce, []),
                (.bytes("TP/1.1\r\nHost: t\r\n\r\n"), ["GET /a", "request end"]),
                (.opened(), ["says close"]), (.answered, ["close"]),
            ]
        ),
        ConnectionTranscript(
            "lingers for a limited time after everything has been sent",
            [
                (.bytes("nonsense\r\n\r\n"), ["400", "linger"]), (.sent, []), (.passed(milliseconds: 4999), []),
                (.passed(milliseconds: 1), ["closeNow"]),
            ]
        ),
        ConnectionTranscript(
            "closes at once when a lingering client has closed",
            [(.bytes("nonsense\r\n\r\n"), ["400", "linger"]), (.fin, ["closeNow"])]
        ),
    ]

    @Test("follows its transcripts", arguments: rows)
    func transcript(_ row: ConnectionTranscript) {
        var talk = Talk()
        for (index, (input, expected)) in row.lines.enumerated() {
            #expect(talk.take(input) == expected, "line \(index + 1): \(input)")
        }
    }

    @Test(
        "reads the end of a request whose provider takes nothing more: it has no bytes",
        arguments: [get, post + "abcd"]
    )
    func endWithoutBytes(request: String) {
        var connection = ClientConnection(ConnectionLimits(ClientLimits()))
        let bytes = Array(request.utf8)
        var (position, ended) = (0, false)
        while let step = connection.next(in: bytes.span, at: &position, now: Tick(nanoseconds: 0)) {
            if position == bytes.count { connection.setTakesBody(false) }
            if case .requestEnd = step { ended = true }
        }
        #expect(ended)
    }

    @Test("reads the same at every split point")
    func splits() {
        let bytes = Self.get + Self.post + "abcd" + Self.next
        for split in bytes.indices {
            var talk = Talk()
            var led = talk.take(.bytes(String(bytes[..<split]))) + talk.take(.bytes(String(bytes[split...])))
            for _ in 0..<2 {
                led += talk.take(.opened())
                led += talk.take(.answered)
            }
            let body = led.filter { $0.hasPrefix("body ") }.map { $0.dropFirst(5) }.joined()
            #expect(body == "abcd")
            let others = led.filter { !$0.hasPrefix("body ") }
            #expect(others == ["GET /a", "request end", "POST /p", "request end", "GET /b", "request end"])
        }
    }

    @Test("stops reading while a pipelined request waits, and goes on after it")
    func reading() {
        var talk = Talk()
        #expect(talk.reads)
        _ = talk.take(.bytes(Self.get))
        #expect(talk.reads, "a FIN must be seen")
        _ = talk.take(.bytes(Self.next))
        #expect(!talk.reads)
        _ = talk.take(.opened())
        _ = talk.take(.answered)
        #expect(talk.reads)
    }

    @Test("without its guards does not linger, ask, or time a whole body")
    func withoutGuards() {
        var talk = Talk(guards: [])
        #expect(talk.take(.bytes("nonsense\r\n\r\n")) == ["400", "close"])
        talk = Talk(guards: [])
        _ = talk.take(.bytes(Self.get))
        _ = talk.take(.fin)
        #expect(talk.waitsMilliseconds() == nil)
        talk = Talk(guards: [])
        _ = talk.take(.bytes("POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 9000\r\n\r\n"))
        for _ in 0..<100 {
            #expect(talk.take(.passed(milliseconds: 59_000)).isEmpty)
            _ = talk.take(.bytes("a"))
        }
    }

    @Test("ends a body that comes a byte at a time when it has taken too long")
    func pace() {
        var talk = Talk()
        _ = talk.take(.bytes("POST /p HTTP/1.1\r\nHost: t\r\nContent-Length: 9000\r\n\r\n"))
        var led: [String] = []
        for _ in 0..<3 where led.isEmpty {
            led = talk.take(.passed(milliseconds: 59_000))
            if led.isEmpty { _ = talk.take(.bytes("a")) }
        }
        #expect(led == ["408"])
    }
}
