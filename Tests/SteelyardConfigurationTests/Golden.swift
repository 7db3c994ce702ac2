import Testing

/// A bad file and the exact messages about it.
struct Golden: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let expected: String

    var testDescription: String { name }

    /// The messages about it on a machine with a variable, an empty file, a file of two lines and a certificate file.
    func said() -> String {
        let machine = Machine(
            variables: ["TOKEN": "t0ken"],
            files: ["empty": "", "two-lines": "a\nb\n", "ca.pem": "-----BEGIN CERTIFICATE-----\n"]
        )
        return read(text, on: machine).rendered
    }
}
