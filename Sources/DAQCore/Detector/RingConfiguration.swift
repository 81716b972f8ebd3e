/// What the ring holds and how much memory it may take (`ring.*`).
public struct RingConfiguration: Sendable, Equatable {
    /// What the images of a ring hold.
    public enum Content: String, Sendable, Hashable, CaseIterable {
        case raw, corrected
    }
    /// How slots and their descriptions lie in memory.
    public enum Layout: String, Sendable, Hashable, CaseIterable {
        case native
    }
    /// `ring.content`; `nil` is corrected for detector types that convert, raw for the others.
    public var content: Content?
    /// Memory for images in bytes, from `ring.bytes` or `ram_buffer_gb`; 0 is the larger of 1 GiB and window + 4 images.
    public var budgetBytes = 0
    /// `ring.layout`.
    public var layout = Layout.native

    /// The defaults.
    public init() {}
}
