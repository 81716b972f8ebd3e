/// What was measured, and with what: the part of a file that the detector cannot know (`experiment.*`).
///
/// Everything may be left out; files then say so (NaN, "unknown") instead of inventing a value. The keys of the document are
/// named after the fields of the NeXus definition NXmx that hold the values.
public struct Experiment: Sendable, Equatable, Codable {
    /// `experiment.sample_name`: the sample.
    public var sampleName: String?
    /// `experiment.source_name`: the facility.
    public var sourceName: String?
    /// `experiment.instrument_name`: the beamline.
    public var instrumentName: String?
    /// `experiment.incident_wavelength` in ångström.
    public var wavelength: Double?
    /// `experiment.distance`: the distance from the sample to the detector in metres.
    public var distance: Double?
    /// `experiment.beam_center_x`: where the beam meets the detector, in pixels from the first column.
    public var beamCenterX: Double?
    /// `experiment.beam_center_y`: where the beam meets the detector, in pixels from the first row.
    public var beamCenterY: Double?
    /// `experiment.pixel_size`: width and height of a pixel in metres; the detector's own when left out.
    public var pixelSize: Double?
    /// `experiment.sensor_material`: Si, CdTe or GaAs; the detector's usual one when left out.
    public var sensorMaterial: String?
    /// `experiment.sensor_thickness`: thickness of the sensor in metres.
    public var sensorThickness: Double?
    /// `experiment.count_time`: exposure time of an image in seconds.
    public var countTime: Double?
    /// `experiment.frame_time`: time from one image to the next in seconds.
    public var frameTime: Double?
    /// `experiment.saturation_value`: the highest value a pixel can be trusted with.
    public var saturationValue: Double?

    /// Nothing known.
    public init() {}
}
