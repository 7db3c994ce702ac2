extension PriceBook {
    /// The book's own spelling of a model name from the wire; nil if the book does not know the model.
    ///
    /// Tried in this order: the name as it is; without `openai/`; a fine-tune (`ft:BASE:ORGANISATION:…`) as `ft:BASE`,
    /// never as `BASE`, which is cheaper; then without a date; then without `-latest`. A name is never cut anywhere
    /// else: `o1-pro` costs ten times as much as `o1`.
    public func bookName(for name: String) -> String? {
        if let known = exactName(name) { return known }
        let whole = name.utf8Bytes
        let plain = whole.withoutProvider.fineTuneBase
        if plain.count < whole.count, let known = exactName(plain) { return known }
        return plain.withoutDate.flatMap(exactName) ?? plain.withoutLatest.flatMap(exactName)
    }

    /// All names that the book has for the model with this name; empty if it does not know the model.
    ///
    /// This is used at every admission, so the lists are made only once.
    public func names(of name: String) -> [String] { index(of: name).map { namesOfIndex[$0] } ?? [] }

    /// The name under which to count a request; nil if the book knows no name for it.
    ///
    /// It is the requested name if the answer names a dated snapshot of it (dashboards ask for `gpt-4.1`, whatever its
    /// current snapshot is); otherwise it is the answer's name. Charges use the answer's name for prices, because
    /// snapshots may differ.
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

/// Names are cut as bytes, because each request needs four of them. Cutting a `String` at character boundaries takes a
/// hundred times as long, and walking its UTF-8 view takes ten times as long as walking an array.
extension ArraySlice<UInt8> {
    /// The name without the provider that some clients put before it.
    fileprivate var withoutProvider: Self { starts(with: "openai/".utf8) ? dropFirst("openai/".utf8.count) : self }

    /// `ft:BASE` of a fine-tune's name, or the name itself; organisation and suffix may be empty.
    fileprivate var fineTuneBase: Self {
        guard starts(with: "ft:".utf8) else { return self }
        let base = dropFirst("ft:".utf8.count).prefix { $0 != UInt8(ascii: ":") }
        return self[..<base.endIndex]
    }

    /// The name before its `-YYYY-MM-DD`; nil if it does not end in a date.
    fileprivate var withoutDate: Self? {
        let date = suffix(11)
        guard date.count == 11, date.first == UInt8(ascii: "-") else { return nil }
        return EffectiveDate.isDate(date.dropFirst()) ? self[..<date.startIndex] : nil
    }

    /// The name before its `-latest`; nil if it does not end like this.
    fileprivate var withoutLatest: Self? {
        suffix("-latest".utf8.count).elementsEqual("-latest".utf8) ? dropLast("-latest".utf8.count) : nil
    }

    /// Whether this is the requested name itself, or that name with a date: `-2025-04-14`, or `-0613` on early models.
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
