/// What is kept of the bytes between two delimiters.
struct FormContent {
    /// Why the bytes are read.
    enum Purpose: Equatable {
        /// They come before the first part.
        case preamble
        /// They are a file, or a field that decides nothing.
        case none
        /// They are the value of a field.
        case value(FormField)
    }

    let purpose: Purpose
    /// The value, or slightly more of it than the limit allows.
    private(set) var value: [UInt8] = []
    /// The length of the prompt, whose bytes are not kept.
    private(set) var byteCount = 0
    /// Whether a line of the preamble ends in a line feed alone: some servers would find the first delimiter after it.
    private(set) var hasBareLineFeed = false

    init(_ purpose: Purpose) { self.purpose = purpose }

    /// Takes a run of bytes. A line feed that follows a carriage return is the second byte of its run.
    mutating func append(_ run: Span<UInt8>) {
        switch purpose {
        case .none: break
        case .preamble: hasBareLineFeed = hasBareLineFeed || run.hasBareLineFeed
        case .value(.prompt): byteCount += run.count
        case .value:
            let room = FormField.valueLimit + 1 - value.count
            run.extracting(first: min(room, run.count)).withUnsafeBufferPointer { value.append(contentsOf: $0) }
        }
    }
}

extension Span<UInt8> {
    fileprivate var hasBareLineFeed: Bool {
        guard let index = firstIndex(of: .lineFeed) else { return false }
        return index == 0 || self[index - 1] != .carriageReturn
    }
}
