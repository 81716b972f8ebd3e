import DAQWriter
import Glibc

/// A picture in a terminal: two pixels a character, one above the other.
enum TerminalPicture {
    /// From dark to bright, where no colours are to be had.
    private static let ramp = Array(" .:-=+*#%@")

    /// The picture as lines of text.
    static func text(_ picture: ImagePicture, isColored: Bool) -> String {
        var text = ""
        for row in stride(from: 0, to: picture.height, by: 2) {
            for column in 0..<picture.width {
                let upper = picture.level(column: column, row: row)
                let lower = row + 1 < picture.height ? picture.level(column: column, row: row + 1) : 0
                if isColored {
                    text += "\u{1B}[38;5;\(color(upper));48;5;\(color(lower))m▀"
                } else {
                    text.append(character(upper, lower))
                }
            }
            text += isColored ? "\u{1B}[0m\n" : "\n"
        }
        return text
    }

    /// One of the 24 greys of a terminal of 256 colours; blue where there is no measurement.
    private static func color(_ level: Int?) -> Int { level.map { 232 + $0 * 23 / 254 } ?? 25 }

    private static func character(_ upper: Int?, _ lower: Int?) -> Character {
        guard upper != nil || lower != nil else { return "?" }
        return ramp[max(upper ?? 0, lower ?? 0) * (ramp.count - 1) / 254]
    }
}

/// The size of the terminal in characters.
struct TerminalSize {
    var columns = 80
    var rows = 24

    /// That of standard output, or else the usual one.
    static var current: TerminalSize {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 4 else { return TerminalSize() }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}
