/// What is kept of the bytes between two delimiters.
struct FormContent {
    /// Why they are looked at.
    enum Purpose: Equatable {
        /// They come before the first part.
        case preamble
        /// They are a file, or a field that decides nothing.
        case none
        /// They are the value of a field.
        case value(FormField)
    }

    let purpose: Purpose
    /// The value, or a little more of it than may be.
    private(set) var value: [UInt8] = []
    /// The length of what is looked at.
    private(set) var byteCount = 0
    /// Whether a line of the preamble ends with a line feed alone: some would find the first delimiter behind it.
    private(set) var hasBareLineFeed = false

    init(_ purpose: Purpose) { self.purpose = purpose }

    /// Takes a run of bytes in which a line feed behind a carriage return is its second byte.
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
