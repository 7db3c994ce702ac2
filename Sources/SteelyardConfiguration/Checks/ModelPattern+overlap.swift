import SteelyardPolicy

extension ModelPattern {
    /// Whether this pattern matches every name that `other` matches. A star of the other pattern can be anything, so
    /// only a star of this one can cover it: the other pattern's text is matched like a name.
    func covers(_ other: ModelPattern) -> Bool { matches(other.text) }

    /// Whether some name matches both.
    func overlaps(_ other: ModelPattern) -> Bool {
        let (left, right) = (Array(text.utf8), Array(other.text.utf8))
        let star = UInt8(ascii: "*")
        // Whether the rests of both, from here on, can be one name; rows start from the end of `left`.
        var next = right.indices.reversed().reduce(into: [true]) { row, index in
            row.insert(right[index] == star && row[0], at: 0)
        }
        for character in left.reversed() {
            var row = [character == star && next[right.count]]
            for (index, other) in right.enumerated().reversed() {
                // Row `next` is one character of `left` further; the row's first element is one of `right`.
                let isStar = character == star || other == star
                row.insert(isStar ? next[index] || row[0] : character == other && next[index + 1], at: 0)
            }
            next = row
        }
        return next[0]
    }

    /// Whether a price book has a model that matches, or a snapshot of a model could match.
    func fits(_ book: PriceBook, _ names: [String]) -> Bool {
        if names.contains(where: matches) { return true }
        let plain = text.hasPrefix("openai/") ? String(text.dropFirst("openai/".count)) : text
        if plain != text, ModelPattern(plain).fits(book, names) { return true }
        // Fine-tunes are named after customers, snapshots after dates.
        let literal = plain.prefix { $0 != "*" }
        if literal.hasPrefix("ft:") { return true }
        if literal.count == plain.count { return book.bookName(for: plain) != nil }
        return names.contains { name in
            let date = literal.dropFirst(name.count)
            return literal.hasPrefix(name) && date.first == "-" && date.allSatisfy { $0.isNumber || $0 == "-" }
        }
    }
}
