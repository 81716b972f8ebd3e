/// How the chunks of a dataset are compressed, as the file says it: a registered HDF5 filter and its parameters.
public struct ChunkFilter: Sendable, Hashable {
    /// Registered number of the filter.
    public var identifier: Int32
    /// The parameters as they are stored, complete.
    public var parameters: [UInt32]
    /// Name that is stored with it, for people.
    public var name: String

    /// A filter.
    public init(identifier: Int32, parameters: [UInt32], name: String) {
        self.identifier = identifier
        self.parameters = parameters
        self.name = name
    }
}
