import DAQCore

extension FileFormat {
    /// NXmx as defined in NeXus v2026.01: all required fields, and the optional ones that are known.
    static func nxmxNodes(_ contents: FileContents) -> [FileNode] {
        let experiment = contents.experiment
        let unknown = "unknown"
        var wavelength = FileNode.real("incident_wavelength", experiment.wavelength ?? .nan, units: "angstrom")
        if experiment.wavelength == nil { wavelength.attributes.append(("meaning", .text("not known to the writer"))) }
        return [
            .group(
                "entry", "NXentry", [("default", .text("data"))],
                [.text("definition", "NXmx", [("version", .text("v2026.01"))])]
                    // Required, and never later than the end, which nobody knows yet.
                    + [.text("end_time_estimated", contents.startTime)]
                    + entryNodes(contents) + [
                        .group("source", "NXsource", [.text("name", experiment.sourceName ?? unknown)]),
                        .group(
                            "sample", "NXsample",
                            [.text("name", experiment.sampleName ?? unknown), .text("depends_on", ".")]),
                        .group(
                            "instrument", "NXinstrument",
                            [
                                .text("name", experiment.instrumentName ?? contents.configuration.name),
                                .group("beam", "NXbeam", [wavelength]),
                                .group("detector", "NXdetector", nxmxDetector(contents)),
                            ]),
                    ])
        ]
    }

    private static func nxmxDetector(_ contents: FileContents) -> [FileNode] {
        let (experiment, format) = (contents.experiment, contents.format)
        let pixel = experiment.pixelSize ?? contents.configuration.type.pixelSize ?? .nan
        var nodes = detectorNodes(contents)
        nodes += [
            .link("data", to: "/entry/data/data"),
            .text("sensor_material", experiment.sensorMaterial ?? "Si"),
            .real("sensor_thickness", experiment.sensorThickness ?? 320e-6, units: "m"),
            .real("x_pixel_size", pixel, units: "m"), .real("y_pixel_size", pixel, units: "m"),
            .integer("bit_depth_readout", contents.configuration.bitDepth),
            .text("depends_on", "/entry/instrument/detector/transformations/translation"),
        ]
        func add(_ name: String, _ value: Double?, units: String? = nil) {
            if let value { nodes.append(.real(name, value, units: units)) }
        }
        add("saturation_value", experiment.saturationValue)
        add("distance", experiment.distance, units: "m")
        add("beam_center_x", experiment.beamCenterX, units: "pixel")
        add("beam_center_y", experiment.beamCenterY, units: "pixel")
        add("count_time", experiment.countTime, units: "s")
        add("frame_time", experiment.frameTime, units: "s")

        let translation = "/entry/instrument/detector/transformations/translation"
        // McStas coordinates: x to the left and y up when looking along the beam, which is z.
        func transformation(_ name: String, _ value: Double, _ vector: [Double], offset: [Double], on: String) -> FileNode {
            .real(
                name, value, units: "m",
                [
                    ("transformation_type", .text("translation")), ("vector", .reals(vector)), ("offset", .reals(offset)),
                    ("offset_units", .text("m")), ("depends_on", .text(on)),
                ])
        }
        let corner = [(experiment.beamCenterX ?? 0) * pixel, (experiment.beamCenterY ?? 0) * pixel, 0]
        let fast = "/entry/instrument/detector/module/fast_pixel_direction"
        nodes.append(
            .group(
                "transformations", "NXtransformations",
                [transformation("translation", experiment.distance ?? 0, [0, 0, 1], offset: [0, 0, 0], on: ".")]))
        nodes.append(
            .group(
                "module", "NXdetector_module",
                [
                    .integers("data_origin", [0, 0]), .integers("data_size", [format.height, format.width]),
                    transformation("module_offset", 0, [1, 0, 0], offset: corner, on: translation),
                    transformation(
                        "fast_pixel_direction", pixel, [-1, 0, 0], offset: [0, 0, 0],
                        on: "/entry/instrument/detector/module/module_offset"),
                    transformation("slow_pixel_direction", pixel, [0, -1, 0], offset: [0, 0, 0], on: fast),
                ]))
        return nodes
    }
}
