internal import CDAQZMQ

/// A pair of CURVE keys, in the 40 characters of Z85 that ZeroMQ writes them in.
///
/// Source: RFC 26/CurveZMQ and RFC 32/Z85 of the ZeroMQ project.
public struct CurveKeys: Sendable, Equatable {
    /// What others may know.
    public let publicKey: String
    /// What nobody else may know.
    public let secretKey: String

    /// Keys that were made earlier.
    ///
    /// - Throws: ``CurveKeyError`` when they are no keys.
    public init(publicKey: String, secretKey: String) throws(CurveKeyError) {
        try Self.check(publicKey)
        try Self.check(secretKey)
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// The keys whose secret half is known.
    ///
    /// - Throws: ``CurveKeyError`` when it is no key.
    public init(secretKey: String) throws(CurveKeyError) {
        try Self.check(secretKey)
        var text = [CChar](repeating: 0, count: Self.length + 1)
        guard zmq_curve_public(&text, secretKey) == 0 else { throw .noCurve }
        publicKey = Self.string(text)
        self.secretKey = secretKey
    }

    /// New keys.
    ///
    /// - Throws: ``CurveKeyError/noCurve`` when this libzmq was built without encryption.
    public static func generate() throws(CurveKeyError) -> CurveKeys {
        var publicText = [CChar](repeating: 0, count: length + 1)
        var secretText = [CChar](repeating: 0, count: length + 1)
        guard zmq_curve_keypair(&publicText, &secretText) == 0 else { throw .noCurve }
        return try CurveKeys(publicKey: string(publicText), secretKey: string(secretText))
    }

    /// Whether `key` has the form of a key; a wrong one would only show as silence.
    ///
    /// - Throws: ``CurveKeyError``.
    public static func check(_ key: String) throws(CurveKeyError) { _ = try bytes(of: key) }

    /// The 32 bytes of a key.
    static func bytes(of key: String) throws(CurveKeyError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: length / 5 * 4)
        guard key.utf8.count == length, zmq_z85_decode(&bytes, key) != nil else {
            throw .malformed(characters: key.utf8.count)
        }
        return bytes
    }

    /// Characters of a key.
    static let length = 40

    private static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Why a text is no CURVE key.
public enum CurveKeyError: Error, Equatable, CustomStringConvertible {
    /// Not 40 characters of Z85.
    case malformed(characters: Int)
    /// libzmq was built without encryption.
    case noCurve

    /// What went wrong and what to do about it; never the key itself.
    public var description: String {
        switch self {
        case .malformed(let characters):
            characters == CurveKeys.length
                ? "a key of \(characters) characters has some that are in none (Z85); copy it anew"
                : "a key has \(CurveKeys.length) characters, this one \(characters); copy it whole"
        case .noCurve: "this libzmq was built without CURVE encryption; install the one of the distribution (libzmq5)"
        }
    }
}
