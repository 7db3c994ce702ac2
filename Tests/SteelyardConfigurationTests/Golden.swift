import Testing

/// A bad file and, to the letter, what is said about it.
struct Golden: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let expected: String

    var testDescription: String { name }

    /// What is said about it on a machine with a variable, an empty file, one of two lines and one with a certificate.
    func said() -> String {
        let machine = Machine(
            variables: ["TOKEN": "t0ken"],
            files: ["empty": "", "two-lines": "a\nb\n", "ca.pem": "-----BEGIN CERTIFICATE-----\n"]
        )
        return read(text, on: machine).rendered
    }
}
