import DAQCore

/// The file of a session, as the session's thread sees it: HDF5, or in tests a disk that hangs.
protocol SessionStore: AnyObject, Sendable {
    /// Creates the file.
    func open(_ run: RunDescription) throws
    /// Stores an image, or keeps it until it is packed.
    func accept(_ image: Image) throws
    /// Stores what is packed by now; called when no image has come for a while.
    func poll() throws
    /// Stores everything and closes the file.
    func close() throws
    /// What the file holds.
    var written: HDF5Writer.Written { get }
    /// Goes up whenever the disk has answered, also while one of the others waits for it; never waits itself.
    var activity: UInt64 { get }
}

extension HDF5Writer: SessionStore {
    /// Nothing: images are stored when they come.
    func poll() {}
}
