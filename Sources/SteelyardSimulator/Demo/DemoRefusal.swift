import Synchronization

/// The refusal of a team whose budget is spent.
public struct DemoRefusal: Sendable, Equatable {
    /// The answer's status.
    let status: Int
    /// The code that SDKs act on.
    let code: String
    /// The message for a person.
    let message: String

    /// The refusal in an answer; nil for any other answer.
    init?(_ answer: DemoAnswer) {
        // The reason distinguishes Steelyard's own 429 from the provider's.
        guard answer.reason == "team_budget", let error = JSONNode(Array(answer.body.utf8))?["error"],
            let code = error["code"]?.string, let message = error["message"]?.string
        else { return nil }
        (status, self.code, self.message) = (answer.status, code, message)
    }

    /// That many lines, none wider than 79 columns: the message, followed by blank lines.
    public static func lines(_ refusal: DemoRefusal?, count: Int) -> [String] {
        let text = refusal.map { "\($0.status) \($0.code): \($0.message)" } ?? "no budget is spent yet"
        var lines = wrapped(text, columns: 79)
        if lines.count > count { lines = lines.prefix(count - 1) + [lines[count - 1].prefix(78) + "…"] }
        return lines + Array(repeating: "", count: max(0, count - lines.count))
    }

    private static func wrapped(_ text: String, columns: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= columns {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}

/// The latest refusal of any application.
final class RefusalBoard: Sendable {
    private let newest = Mutex<DemoRefusal?>(nil)

    var latest: DemoRefusal? { newest.withLock { $0 } }

    func received(_ answer: DemoAnswer) {
        guard let refusal = DemoRefusal(answer) else { return }
        newest.withLock { $0 = refusal }
    }
}
