/// What the scanner found at a position of its table.
enum JSONToken: Equatable {
    /// An announced object opened.
    case began(UInt8)
    /// An announced object closed.
    case ended(UInt8)
    /// A whole string (escapes resolved) or number. Its bytes are at `JSONScanner.scalarRange` of the piece, or
    /// otherwise in `JSONScanner.scalarBytes`.
    case scalar(UInt8)
    /// That many more bytes of a measured string.
    case measured(UInt8, byteCount: Int)
    /// A whole object, as written, in `JSONScanner.verbatim`.
    case verbatim(UInt8)
    /// A measured string begins after the opening that was asked for; see `JSONScanner.announcesOpening`.
    case opening
    /// The key of a member at the first level was read: `JSONScanner.member`. Only where members are watched.
    case member
}

/// Why a text could not be read as JSON.
enum JSONFailure: Error {
    /// The bytes are not JSON.
    case invalid
    /// More containers are open than the reader's `depthLimit`.
    case tooDeep
    /// A number or literal is longer than `RequestBody.wordLimit`.
    case endlessWord
}
