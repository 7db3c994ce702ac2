extension PriceBook {
    /// The book's own spelling of the model that a name on the wire means; nil when the book does not know it.
    ///
    /// Tried in turn: the name as it is; without `openai/`; a fine-tune (`ft:BASE:ORGANISATION:…`) as `ft:BASE`, never
    /// as `BASE`, which is cheaper; then without a date, then without `-latest`. A name is never cut anywhere else:
    /// `o1-pro` costs ten times `o1`.
    public func bookName(for name: String) -> String? {
        if let known = exactName(name) { return known }
        let plain = name.withoutProvider.fineTuneBase
        return exactName(plain) ?? plain.withoutDate.flatMap(exactName) ?? plain.withoutLatest.flatMap(exactName)
    }

    /// The name to count a request under; nil when the book knows no name for it.
    ///
    /// The requested name, when the answer's is a dated snapshot of it (dashboards ask for `gpt-4.1`, whatever its
    /// snapshot is this month); else the answer's. Charges are priced by the answer's name: snapshots may differ.
    public func canonicalName(requested: String, answered: String?) -> String? {
        guard let answered else { return bookName(for: requested) }
        if answered.isSnapshot(of: requested), let known = bookName(for: requested) { return known }
        return bookName(for: answered)
    }
}

extension StringProtocol where SubSequence == Substring {
    /// The name without the provider that some clients put before it.
    fileprivate var withoutProvider: Substring {
        hasPrefix("openai/") ? dropFirst("openai/".utf8.count) : self[...]
    }

    /// `ft:BASE` of a fine-tune's name, or the name itself; organisation and suffix may be empty.
    fileprivate var fineTuneBase: Substring {
        guard hasPrefix("ft:") else { return self[...] }
        let base = dropFirst(3).prefix { $0 != ":" }
        return self[..<base.endIndex]
    }

    /// The name before its `-YYYY-MM-DD`; nil when it does not end in a date.
    fileprivate var withoutDate: Substring? {
        let date = utf8.suffix(11)
        guard date.count == 11, date.first == UInt8(ascii: "-") else { return nil }
        guard EffectiveDate(self[date.startIndex...].dropFirst()) != nil else { return nil }
        return self[..<date.startIndex]
    }

    /// The name before its `-latest`; nil when it does not end so.
    fileprivate var withoutLatest: Substring? {
        hasSuffix("-latest") ? dropLast("-latest".utf8.count) : nil
    }

    /// Whether this is the other name itself, or that name with a date: `-2025-04-14`, or `-0613` on early models.
    fileprivate func isSnapshot(of requested: String) -> Bool {
        let requested = requested.withoutProvider
        if self == requested { return true }
        let base = requested.withoutLatest ?? requested
        if let undated = withoutDate { return undated == base }
        let date = utf8.suffix(5)
        return date.count == 5 && date.first == UInt8(ascii: "-")
            && date.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
            && self[..<date.startIndex] == base
    }
}
