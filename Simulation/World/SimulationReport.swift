package import DAQCore

/// What a run has given.
package struct SimulationReport: Equatable, Sendable {
    /// Datagrams that arrived.
    package let packets: UInt64
    /// Images that were published.
    package let images: UInt64
    /// A hash of all metadata and of where all checked pixels came from.
    package let digest: UInt64
    /// What became of everything.
    package let ledger: PipelineLedger
}
