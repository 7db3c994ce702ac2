import SteelyardWire

extension Refusal {
    /// A form with two values of a field.
    init(ambiguous field: FormField) {
        self.init(
            ambiguous: field.rawValue,
            "The field \"\(field.rawValue)\" appears twice in the form, with different values; send it once"
        )
    }

    /// A form in which a field has a value that servers read in different ways.
    init(mistyped field: FormField) {
        let value = field == .stream ? "true or false" : "a whole number"
        self.init(
            ambiguous: field.rawValue,
            "The field \"\(field.rawValue)\" of the form must be \(value): servers do not agree on any other value"
        )
    }

    /// The model was known, but then the form went on in a way that could name another one.
    static let unreadableForm = Refusal(
        status: 400,
        code: "malformed_request",
        message: "The form is malformed (RFC 7578), so Steelyard cannot tell which model it names",
        shouldRetry: false
    )

    /// `limitBytes` were held back to wait for a model, and none came.
    static func modelTooLate(limitBytes: Int) -> Refusal {
        Refusal(
            status: 413,
            code: "request_too_large",
            message: "The first \(limitBytes) bytes of the form contain no \"model\"; send \"model\" before the files",
            parameter: "model",
            shouldRetry: false
        )
    }
}
