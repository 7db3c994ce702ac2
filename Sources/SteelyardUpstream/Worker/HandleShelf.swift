import CCurl

/// The easy handles of one worker that wait for their next request, by provider and kind of body.
struct HandleShelf {
    /// Beyond this many of one kind a handle is freed: about 10 KiB each.
    private static let keptPerKind = 64

    /// The handles of one provider; holds the entry, so that its identity stays its own.
    private struct Row {
        let entry: ProviderTable.Entry
        var handles: [EasyHandle.Kind: [EasyHandle]] = [:]
    }

    private var rows: [ObjectIdentifier: Row] = [:]

    /// Takes a waiting handle.
    mutating func take(_ entry: ProviderTable.Entry, _ kind: EasyHandle.Kind) -> EasyHandle? {
        rows[ObjectIdentifier(entry)]?.handles[kind]?.popLast()
    }

    /// Puts a handle back that is in no multi handle; it is freed when its provider is gone or enough wait already.
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
