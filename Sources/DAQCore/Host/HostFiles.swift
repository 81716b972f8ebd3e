internal import Glibc

/// Small text files under a folder that stands for the root of a host.
///
/// What cannot be read, or is no number where one must be, is `nil`.
struct HostFiles {
    /// The most that is read of a file; `/proc/net/udp` has 128 bytes a socket.
    static let byteLimit = 4 << 20

    let root: String

    /// The folder that stands for the root; without a slash at its end.
    init(root: String) { self.root = root.hasSuffix("/") ? String(root.dropLast()) : root }

    /// The content of a file without white space at its ends.
    func text(_ path: String) -> String? {
        // Not to wait for the other end of a pipe.
        let descriptor = open(root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < Self.byteLimit {
            let count = read(descriptor, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += piece[..<count]
        }
        return Self.trimmed(String(decoding: bytes, as: UTF8.self))
    }

    /// A file that holds one number, not negative.
    func number(_ path: String) -> Int? { text(path).flatMap(Self.number) }

    /// The words of every line of a file.
    func table(_ path: String) -> [[Substring]]? {
        text(path)?.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace) }
    }

    /// The choice between brackets in a file such as `always [madvise] never`.
    func choice(_ path: String) -> String? {
        guard let text = text(path), let open = text.firstIndex(of: "["), let close = text[open...].firstIndex(of: "]") else {
            return nil
        }
        let word = text[text.index(after: open)..<close]
        return Self.isWord(word) ? String(word) : nil
    }

    /// A file that holds one word.
    func word(_ path: String) -> String? { text(path).flatMap { Self.isWord($0[...]) ? $0 : nil } }

    /// Processors in a file such as `0-3,8`.
    func processors(_ path: String) -> [Int]? { text(path).flatMap { Self.processors($0[...]) } }

    /// Names in a folder, sorted; hidden ones are left out.
    func names(_ path: String) -> [String]? {
        guard let folder = opendir(root + path) else { return nil }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether there is a file or folder.
    func exists(_ path: String) -> Bool { access(root + path, F_OK) == 0 }

    /// A number that is not negative.
    static func number(_ text: some StringProtocol) -> Int? { Int(text).flatMap { $0 >= 0 ? $0 : nil } }

    /// A list of processors such as `0-3,8`; `nil` when it is none.
    static func processors(_ text: Substring) -> [Int]? {
        let most = 1 << 16
        var all: [Int] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count <= 2, let first = number(ends[0]), let last = number(ends[ends.count - 1]), first <= last,
                last < most,
                all.count < most
            else { return nil }
            all += first...last
        }
        return all
    }

    /// Whether a text can be shown as the name of something: short, and of visible characters only.
    private static func isWord(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.count <= 100 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private static func trimmed(_ text: String) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[first...last])
    }
}
