import Glibc

/// The keys of one end, from a file that only its owner can read.
///
/// The file has lines `public KEY`, `secret KEY` and `peer KEY`; lines that begin with `#` are remarks. At the end that
/// listens the peers are those who may connect, at the end that connects the one peer is who listens.
public struct ForwardKeys: Sendable, Equatable {
    /// The file.
    public let path: String
    /// The pair of this end.
    public let own: CurveKeys
    /// Public keys of the others.
    public let peers: [String]

    /// Reads a file.
    ///
    /// - Throws: ``ForwardError`` when it cannot be read, others may read it, or a line is wrong.
    public init(contentsOf path: String) throws {
        let text = try Self.read(path)
        var (publicKey, secretKey): (String?, String?)
        var peers: [String] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let name = words.first, !name.hasPrefix("#") else { continue }
            guard words.count == 2, (try? CurveKeys.check(words[1])) != nil else {
                throw ForwardError.keyFile(path, reason: "line \(number + 1) is not a name and a key of 40 characters")
            }
            switch name {
            case "public": publicKey = words[1]
            case "secret": secretKey = words[1]
            case "peer": peers.append(words[1])
            default: throw ForwardError.keyFile(path, reason: "line \(number + 1) begins with neither public, secret nor peer")
            }
        }
        guard let secretKey else { throw ForwardError.keyFile(path, reason: "it has no line with the secret key") }
        own = try CurveKeys(secretKey: secretKey)
        guard publicKey == nil || publicKey == own.publicKey else {
            throw ForwardError.keyFile(path, reason: "its public and secret keys are no pair")
        }
        self.path = path
        self.peers = peers
    }

    /// Makes a file with a new pair, readable only by its owner.
    ///
    /// - Throws: ``ForwardError`` when the file exists or cannot be written.
    public static func create(_ path: String, peers: [String] = []) throws -> ForwardKeys {
        let keys = try CurveKeys.generate()
        for peer in peers { try CurveKeys.check(peer) }
        var text = "# Keys for forwarding images; keep this file secret, and give only the public key to the other end.\n"
        text += "public \(keys.publicKey)\nsecret \(keys.secretKey)\n"
        for peer in peers { text += "peer \(peer)\n" }
        try write(text, to: path, flags: O_CREAT | O_EXCL)
        return try ForwardKeys(contentsOf: path)
    }

    /// Adds public keys of others to the file.
    ///
    /// - Throws: ``ForwardError`` or ``CurveKeyError``; nothing is added then.
    public func adding(peers: [String]) throws -> ForwardKeys {
        for peer in peers { try CurveKeys.check(peer) }
        let new = peers.filter { !self.peers.contains($0) }
        guard !new.isEmpty else { return self }
        // An editor may have left the last line, which may be the secret key, without its end.
        let end = try Self.read(path).hasSuffix("\n") ? "" : "\n"
        try Self.write(end + new.map { "peer \($0)\n" }.joined(), to: path, flags: O_APPEND)
        return try ForwardKeys(contentsOf: path)
    }

    private static func write(_ text: String, to path: String, flags: Int32) throws {
        let file = open(path, O_WRONLY | O_CLOEXEC | flags, 0o600)
        guard file >= 0 else { throw ForwardError.keyFile(path, reason: String(cString: strerror(errno))) }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
            throw ForwardError.keyFile(path, reason: String(cString: strerror(errno)))
        }
    }

    private static func read(_ path: String) throws -> String {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw ForwardError.keyFile(path, reason: String(cString: strerror(errno))) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw ForwardError.keyFile(path, reason: "it is no file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw ForwardError.keyFile(path, reason: "others can read it, so it is no secret; chmod 600 \(path)")
        }
        guard status.st_size <= 1 << 20 else { throw ForwardError.keyFile(path, reason: "it is too long for a key file") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = Glibc.read(file, &bytes, bytes.count)
        guard count >= 0 else { throw ForwardError.keyFile(path, reason: String(cString: strerror(errno))) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
