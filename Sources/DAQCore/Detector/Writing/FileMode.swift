/// What happens to a file when its writer dies, and what readers may do while it is written.
public enum FileMode: String, Sendable, Hashable, CaseIterable {
    /// Parts are written under hidden names and get their names when they are complete and on the disk; the file of the
    /// run's name shows all complete parts. It can be read at any time, also after the writer was killed.
    case safe
    /// Readers follow the growing file (HDF5's single writer, multiple readers). After the writer was killed the file opens
    /// only when it has been recovered (`daqctl recover`, `DAQWriter.FileRecovery`).
    case swmr
}
