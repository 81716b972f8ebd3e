/// What a simulated detector is told besides its configuration.
public struct SimulatorOptions: Sendable, Equatable {
    /// Seed of the pixel pattern.
    public var seed: UInt32 = 1
    /// Header's frame number of image 0.
    public var firstFrame: UInt64 = 1
    /// Bunch id of image 0; EIGER has none and sends 0.
    public var firstBunchID: UInt64 = 1
    /// Time between images in nanoseconds; the headers' time stamps follow it.
    public var period: UInt64 = 10_000_000
    /// Exposure time in nanoseconds.
    public var exposure: UInt64 = 1_000_000
    /// Header's module number of module 0; the others follow.
    ///
    /// 1234 is what the vendor's virtual JUNGFRAU says.
    public var firstModuleID: UInt16 = 1234
    /// JUNGFRAU's DAQ information word (detSpec3).
    public var information: UInt32 = 0
    /// Header version, 1 or 2.
    public var headerVersion: UInt8 = 2
    /// Whether one JUNGFRAU pixel in 1024 has the gain code 10, which no working detector sends.
    public var invalidGain = false
    /// Whether streams of modules without a position send as well.
    public var unplacedStreams = false

    /// The defaults: seed 1, frame numbers from 1, 100 images a second.
    public init() {}
}
