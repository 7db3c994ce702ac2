extension PriceBook {
    /// The book's own spelling of the model that a name on the wire means; nil when the book does not know it.
    ///
    /// Tried in turn: the name as it is; without `openai/`; a fine-tune (`ft:BASE:ORGANISATION:…`) as `ft:BASE`, never
    /// as `BASE`, which is cheaper; then without a date, then without `-latest`. A name is never cut anywhere else:
    /// `o1-pro` costs ten times `o1`.
    public func bookName(for name: String) -> String? {
        if let known = exactName(name) { return known }
        let whole = name.utf8Bytes
        let plain = whole.withoutProvider.fineTuneBase
        if plain.count < whole.count, let known = exactName(plain) { return known }
        return plain.withoutDate.flatMap(exactName) ?? plain.withoutLatest.flatMap(exactName)
    }

    /// Every name the book has for the model that a name means; none when it does not know it.
    public func names(of name: String) -> [String] { prices(of: name)?.names.map(\.text) ?? [] }

    /// The name to count a request under; nil when the book knows no name for it.
    ///
    /// The requested name, when the answer's is a dated snapshot of it (dashboards ask for `gpt-4.1`, whatever its
    /// snapshot is this month); else the answer's. Charges are priced by the answer's name: snapshots may differ.
    public func canonicalName(requested: String, answered: String?) -> String? {
        guard let answered else { return bookName(for: requested) }
        if answered.utf8Bytes.isSnapshot(of: requested.utf8Bytes), let known = bookName(for: requested) { return known }
        return bookName(for: answered)
    }

    private func exactName(_ name: ArraySlice<UInt8>) -> String? { exactName(String(decoding: name, as: UTF8.self)) }
}

extension String {
    fileprivate var utf8Bytes: ArraySlice<UInt8> { Array(utf8)[...] }
}

/// Names are cut as bytes: a request asks for four of them, and a `String` is cut only where characters end, which takes
/// a hundred times as long to find; a view of its UTF-8 takes ten times as long as an array to walk.
extension ArraySlice<UInt8> {
    /// The name without the provider that some clients put before it.
    fileprivate var withoutProvider: Self { starts(with: "openai/".utf8) ? dropFirst("openai/".utf8.count) : self }

    /// `ft:BASE` of a fine-tune's name, or the name itself; organisation and suffix may be empty.
    fileprivate var fineTuneBase: Self {
        guard starts(with: "ft:".utf8) else { return self }
        let base = dropFirst("ft:".utf8.count).prefix { $0 != UInt8(ascii: ":") }
        return self[..<base.endIndex]
    }

    /// The name before its `-YYYY-MM-DD`; nil when it does not end in a date.
    fileprivate var withoutDate: Self? {
        let date = suffix(11)
        guard date.count == 11, date.first == UInt8(ascii: "-") else { return nil }
        return EffectiveDate.isDate(date.dropFirst()) ? self[..<date.startIndex] : nil
    }

    /// The name before its `-latest`; nil when it does not end so.
    fileprivate var withoutLatest: Self? {
        suffix("-latest".utf8.count).elementsEqual("-latest".utf8) ? dropLast("-latest".utf8.count) : nil
    }

    /// Whether this is the other name itself, or that name with a date: `-2025-04-14`, or `-0613` on early models.
    fileprivate func isSnapshot(of requested: Self) -> Bool {
        let requested = requested.withoutProvider
        if elementsEqual(requested) { return true }
        let base = requested.withoutLatest ?? requested
        if let undated = withoutDate { return undated.elementsEqual(base) }
        let date = suffix(5)
        return date.count == 5 && date.first == UInt8(ascii: "-")
            && date.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
            && self[..<date.startIndex].elementsEqual(base)
    }
}
