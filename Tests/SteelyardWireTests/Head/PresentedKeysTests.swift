import SteelyardWire
import Testing

@Suite("Keys are found where SDKs put them")
struct PresentedKeysTests {
    static let rows: [(fields: [(String, String)], keys: [String])] = [
        ([("Authorization", "Bearer sk-1")], ["sk-1"]),
        ([("authorization", "bearer   sk-1")], ["sk-1"]),
        ([("authorization", "BEARER sk-1 x")], ["sk-1 x"]),
        ([("api-key", "az-1")], ["az-1"]),
        ([("X-Api-Key", "an-1")], ["an-1"]),
        ([("x-goog-api-key", "g-1")], ["g-1"]),
        ([("x-api-key", "an-1"), ("authorization", "Bearer sk-1")], ["an-1", "sk-1"]),
        ([("authorization", "Bearer sk-1"), ("authorization", "Bearer sk-2")], ["sk-1", "sk-2"]),
        ([("authorization", "Basic sy_1")], ["sy_1"]),
        ([("authorization", "Bearer")], []),
        ([("authorization", "Bearer ")], []),
        ([("authorization", "sy_1")], ["sy_1"]),
        ([("api-key", "")], []),
        ([("x-authorization", "Bearer sk-1")], []),
        ([], []),
    ]

    @Test("Each field gives its key", arguments: rows)
    func keys(row: (fields: [(String, String)], keys: [String])) {
        var fields = HeaderFields()
        for (name, value) in row.fields { fields.append(name: name, value: value) }
        #expect(fields.presentedKeys.map { String(decoding: $0, as: UTF8.self) } == row.keys)
    }
}
