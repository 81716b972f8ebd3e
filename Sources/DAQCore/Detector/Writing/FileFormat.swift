/// How a file is laid out.
///
/// docs/file-format.md describes each layout.
public enum FileFormat: String, Sendable, Hashable, CaseIterable {
    /// A plain NeXus image stack.
    case stack
    /// NXmx, the NeXus application definition of macromolecular crystallography, at the same paths as ``stack``.
    case nxmx
    /// The two datasets of the PSI std-daq writer: `/<detector>/data` and `/<detector>/metadata`.
    case stdDAQ = "std-daq"
}
