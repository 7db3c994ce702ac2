import Glibc

/// The terminal of standard output: redraws a picture in place and leaves the scrollback unchanged.
public struct TerminalScreen: Sendable {
    private var drawnLines = 0
    private var drawnSize = winsize()

    /// Standard output's terminal; `nil` when it is a file or a pipe.
    public init?() {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
    }

    /// Draws the lines over the previous ones; what does not fit into the window is cut off, at the bottom and at the
    /// right.
    public mutating func draw(_ lines: [String]) {
        var size = winsize()
        // A terminal that does not tell its size (a serial line) counts as 24 × 80.
        if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) != 0 || size.ws_row == 0 {
            (size.ws_row, size.ws_col) = (24, 80)
        }
        let isResized = drawnLines > 0 && (size.ws_row != drawnSize.ws_row || size.ws_col != drawnSize.ws_col)
        // After a resize, the terminal has wrapped the old lines again, and nobody knows how many rows they take.
        var text = isResized ? "\u{1B}[2J\u{1B}[H" : drawnLines > 0 ? "\u{1B}[\(drawnLines)A\r" : ""
        // The last row stays free for the cursor, and so does the last column, where some terminals wrap early.
        let visible = lines.prefix(max(1, Int(size.ws_row) - 1)).map { $0.prefix(max(1, Int(size.ws_col) - 1)) }
        for line in visible { text += line + "\u{1B}[K\n" }
        StandardOutput.write(text + "\u{1B}[J")
        (drawnLines, drawnSize) = (visible.count, size)
    }
}

/// Standard output without a buffer: a picture must not wait for the next one.
public enum StandardOutput {
    /// Writes a whole text; if the reader has gone, the rest is lost.
    public static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
