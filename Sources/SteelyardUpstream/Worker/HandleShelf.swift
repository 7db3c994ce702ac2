import CCurl

/// The idle easy handles of one worker, by provider and kind of body.
struct HandleShelf {
    /// If this many of one kind wait already, a handle is freed; each takes about 10 KiB.
    private static let keptPerKind = 64

    /// The handles of one provider. It holds the entry, so that no other object can get the entry's identity.
    private struct Row {
        let entry: ProviderTable.Entry
        var handles: [EasyHandle.Kind: [EasyHandle]] = [:]
    }

    private var rows: [ObjectIdentifier: Row] = [:]

    /// Takes a waiting handle.
    mutating func take(_ entry: ProviderTable.Entry, _ kind: EasyHandle.Kind) -> EasyHandle? {
        rows[ObjectIdentifier(entry)]?.handles[kind]?.popLast()
    }

    /// Returns a handle that is in no multi handle. It is freed if its provider is gone or enough handles wait already.
    mutating func put(_ handle: EasyHandle) {
        let row = ObjectIdentifier(handle.entry)
        guard rows[row]?.handles[handle.kind, default: []].count ?? .max < Self.keptPerKind else { return }
        rows[row]?.handles[handle.kind, default: []].append(handle)
    }

    /// Keeps handles for the entries of `table` only.
    mutating func keep(_ table: ProviderTable) {
        var kept: [ObjectIdentifier: Row] = [:]
        for entry in table.entries {
            let row = ObjectIdentifier(entry)
            kept[row] = rows[row] ?? Row(entry: entry)
        }
        rows = kept
    }

    /// Frees every handle.
    mutating func removeAll() { rows = [:] }
}
