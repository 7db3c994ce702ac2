/// What both directions of HTTP/1.1 refuse alike, in lines and in chunks. ``RequestDefect`` and ``AnswerDefect`` have a
/// case of the same name for each.
enum SyntaxDefect: Error, Equatable {
    case bareLineFeed, bareCarriageReturn, controlCharacter
    case foldedLine, missingColon, emptyFieldName, fieldName
    case tooLarge, tooManyFields
    case chunkSize, chunkTooLarge, chunkExtension, chunkEnd, chunkOverhead
    case trailerField
}

extension RequestDefect {
    /// The defect of a request that has this defect in its syntax.
    init(_ defect: SyntaxDefect) {
        self =
            switch defect {
            case .bareLineFeed: .bareLineFeed
            case .bareCarriageReturn: .bareCarriageReturn
            case .controlCharacter: .controlCharacter
            case .foldedLine: .foldedLine
            case .missingColon: .missingColon
            case .emptyFieldName: .emptyFieldName
            case .fieldName: .fieldName
            case .tooLarge: .tooLarge
            case .tooManyFields: .tooManyFields
            case .chunkSize: .chunkSize
            case .chunkTooLarge: .chunkTooLarge
            case .chunkExtension: .chunkExtension
            case .chunkEnd: .chunkEnd
            case .chunkOverhead: .chunkOverhead
            case .trailerField: .trailerField
            }
    }
}

extension AnswerDefect {
    /// The defect of an answer that has this defect in its syntax.
    init(_ defect: SyntaxDefect) {
        self =
            switch defect {
            case .bareLineFeed: .bareLineFeed
            case .bareCarriageReturn: .bareCarriageReturn
            case .controlCharacter: .controlCharacter
            case .foldedLine: .foldedLine
            case .missingColon: .missingColon
            case .emptyFieldName: .emptyFieldName
            case .fieldName: .fieldName
            case .tooLarge, .tooManyFields: .tooLarge
            case .chunkSize: .chunkSize
            case .chunkTooLarge: .chunkTooLarge
            case .chunkExtension: .chunkExtension
            case .chunkEnd: .chunkEnd
            case .chunkOverhead: .chunkOverhead
            case .trailerField: .trailerField
            }
    }
}
