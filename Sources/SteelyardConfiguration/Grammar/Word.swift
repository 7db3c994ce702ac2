/// One of the words of an enumeration.
enum Word {
    /// Reads a word; the remedy suggests `standard` if there is no better guess.
    static func read<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String,
        default standard: Choice,
        among choices: [Choice] = Array(Choice.allCases)
    ) throws(Complaint) -> Choice {
        if let choice = choices.first(where: { $0.rawValue == text }) { return choice }
        let words = choices.map(\.rawValue)
        let form = words.count == 1 ? words[0] : "one of \(words.joined(separator: ", "))"
        throw .expected(form, got: text, write: Nearest.word(to: text, among: words) ?? standard.rawValue)
    }
}
