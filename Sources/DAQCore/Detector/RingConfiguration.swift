/// What the ring holds and how much memory it may take (`ring.*`).
public struct RingConfiguration: Sendable, Equatable {
    /// What the images of a ring hold.
    public enum Content: String, Sendable, Hashable, CaseIterable {
        case raw, corrected
    }
    /// How slots and their descriptions lie in memory.
    public enum Layout: String, Sendable, Hashable, CaseIterable {
        case native
        /// As the std-daq services have it: slot = id mod slots.
        case stdDAQ = "std-daq"
    }
    /// `ring.content`; `nil` is corrected for detector types that convert, raw for the others.
    public var content: Content?
    /// Memory for images in bytes, from `ring.bytes` or `ram_buffer_gb`; 0 is the larger of 1 GiB and window + 4 images.
    public var budgetBytes = 0
    /// `ring.wait` in nanoseconds: how long an image may wait for a slot when none is free; 0 drops it at once.
    public var wait: UInt64 = 0
    /// `ring.layout`.
    public var layout = Layout.native
    /// `ring.shared`: whether other processes may look at the images.
    public var isShared = true
    /// `ring.name`, under which they find them; `nil` is the detector's name.
    public var name: String?

    /// The defaults.
    public init() {}

    /// Whether a ring can have a name: one for files, with room for what is put around it.
    package static func isName(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 32 && $0 != UInt8(ascii: "/") && $0 != 127 }
    }
}
