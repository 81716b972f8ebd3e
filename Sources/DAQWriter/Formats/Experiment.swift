/// What was measured, and with what: the part of a file that the detector cannot know.
///
/// Everything may be left out; files then say so (NaN, "unknown") instead of inventing a value.
public struct Experiment: Sendable, Equatable, Codable {
    /// The sample.
    public var sampleName: String?
    /// The facility.
    public var sourceName: String?
    /// The beamline.
    public var instrumentName: String?
    /// Wavelength in ångström.
    public var wavelength: Double?
    /// Distance from the sample to the detector in metres.
    public var distance: Double?
    /// Where the beam meets the detector, in pixels from the first column.
    public var beamCenterX: Double?
    /// Where the beam meets the detector, in pixels from the first row.
    public var beamCenterY: Double?
    /// Width and height of a pixel in metres; the detector's own when left out.
    public var pixelSize: Double?
    /// Si, CdTe or GaAs; the detector's usual one when left out.
    public var sensorMaterial: String?
    /// Thickness of the sensor in metres.
    public var sensorThickness: Double?
    /// Exposure time of an image in seconds.
    public var countTime: Double?
    /// Time from one image to the next in seconds.
    public var frameTime: Double?
    /// The highest value a pixel can be trusted with.
    public var saturationValue: Double?

    /// Nothing known.
    public init() {}
}
