import SteelyardWire

extension HeaderFields {
    /// The fields of lines like `Name: value`.
    init(lines: [String]) {
        self.init()
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            append(name: String(parts[0]), value: parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
    }

    /// The fields as lines like `Name: value`.
    var lines: [String] {
        (0..<count).map { index in
            String(decoding: name(at: index), as: UTF8.self) + ": " + String(decoding: value(at: index), as: UTF8.self)
        }
    }
}
