import SteelyardConfiguration
import Testing

@Suite("The ledger's place")
struct LedgerPlaceTests {
    @Test(
        "is refused at a start where nothing can be kept",
        arguments: [
            (.notAFile, "\"x.db\" is a folder or a device, not a file"),
            (.danglingLink, "\"x.db\" is a link to a file that does not exist"),
            (
                .notWritable(path: "/data", reason: "Permission denied"),
                "the ledger cannot be stored in \"x.db\": \"/data\": Permission denied"
            ),
        ] as [(FilePlace, String)]
    )
    func refused(place: FilePlace, message: String) {
        let reading = read(openAI + "ledger: { file: x.db }\n").placing { path in
            #expect(path == "x.db")
            return place
        }
        #expect(reading.configuration == nil)
        #expect(reading.problems.map(\.message) == [message])
        #expect(reading.problems.map(\.line) == [2])
        #expect(reading.problems.allSatisfy { !$0.remedy.isEmpty })
    }

    @Test("is not looked for where there is none, and no other problem is lost")
    func others() {
        #expect(read(openAI + "ledger: off\n").placing { _ in .notAFile }.configuration != nil)
        #expect(read(openAI).placing { _ in .usable }.configuration != nil)
        let wrong = read(openAI + "ledger: { fil: x }\n")
        #expect(wrong.placing { _ in .notAFile } == wrong)
    }
}
