import Glibc
import SteelyardConfiguration
import SteelyardGateway
import Testing

@Suite("A place for a file")
struct FilePlaceTests {
    private let folder: String

    init() {
        var template = Array("/tmp/steelyard-place-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "no folder under /tmp")
        folder = template.withUnsafeBufferPointer { String(decoding: $0.dropLast().map { UInt8($0) }, as: UTF8.self) }
    }

    @Test("is usable where a file is or can be made, and nowhere else")
    func places() {
        let file = "\(folder)/file"
        fclose(fopen(file, "w"))
        symlink("\(folder)/nowhere", "\(folder)/dangling")
        symlink(file, "\(folder)/link")
        mkfifo("\(folder)/pipe", 0o600)
        #expect(FilePlace(of: file) == .usable)
        #expect(FilePlace(of: "\(folder)/link") == .usable)
        #expect(FilePlace(of: "\(folder)/new") == .usable)
        #expect(FilePlace(of: "\(folder)/new/er/file") == .usable, "folders are made")
        #expect(FilePlace(of: folder) == .notAFile)
        #expect(FilePlace(of: "\(folder)/pipe") == .notAFile)
        #expect(FilePlace(of: "/dev/null") == .notAFile)
        #expect(FilePlace(of: "\(folder)/dangling") == .danglingLink)
        #expect(
            FilePlace(of: "\(folder)/dangling/x")
                == .notWritable(path: "\(folder)/dangling", reason: "No such file or directory")
        )
        #expect(FilePlace(of: "\(file)/x") == .notWritable(path: "\(file)/x", reason: "Not a directory"))
        #expect(FilePlace(of: "/proc/1/nothing/x") != .usable, "no folder can be made there")
        for name in ["file", "dangling", "link", "pipe"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }
}
