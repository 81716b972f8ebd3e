/// A published layout of modules by detector name, such as `JF06T08` (`geometry`).
public struct PublishedGeometry: Sendable, Hashable {
    /// The name the layout is known by.
    public let name: String

    /// The layout of that name.
    ///
    /// - Returns: `nil` when no such layout is published; ``names`` lists them.
    public init?(name: String) {
        guard Self.names.contains(name) else { return nil }
        self.name = name
    }

    /// All known names.
    public static let names: [String] = []
}
