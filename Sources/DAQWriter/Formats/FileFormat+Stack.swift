import DAQCore

extension FileFormat {
    static func stackNodes(_ contents: FileContents) -> [FileNode] {
        let detector =
            detectorNodes(contents) + [.link("data", to: "/entry/data/data")]
        return [
            .group(
                "entry", "NXentry", [("default", .text("data"))],
                entryNodes(contents) + [
                    .group(
                        "instrument", "NXinstrument",
                        [
                            .text("name", contents.configuration.name), .group("detector", "NXdetector", detector),
                        ])
                ])
        ]
    }

    /// What the NeXus formats have in common: title, times, program, images, and what is known of each.
    static func entryNodes(_ contents: FileContents) -> [FileNode] {
        [
            .text("title", contents.configuration.name), .text("start_time", contents.startTime),
            .text("program_name", PackageVersion.name, [("version", .text(PackageVersion.number))]),
            .group(
                "data", "NXdata",
                [
                    ("signal", .text("data")), ("axes", .texts(["frame_id", ".", "."])), ("frame_id_indices", .integer(0)),
                ],
                [
                    FileNode(name: "data", content: .images, attributes: [("interpretation", .text("image"))]),
                    .column("frame_id", .id, [("step", .unsigned(contents.configuration.imageIDStep))]),
                    .column("segment", .segment), .column("pulse_id", .pulseID),
                    .column("status", .status, [("meaning", .text("1 good, 2 missing packets"))]),
                    .column("missing_packets", .missingPackets),
                    .column("detector_timestamp", .detectorTimestamp, [("units", .text("100 ns"))]),
                    .column(
                        "received_at", .receivedAt,
                        [("units", .text("ns")), ("meaning", .text("UTC, since 1970-01-01T00:00:00Z"))]),
                    .column("chain_revision", .chainRevision),
                ]),
            FileNode(name: "missing_packet_ranges", content: .missingPackets),
            FileNode(name: "annotations", content: .annotations, attributes: [("NX_class", .text("NXcollection"))]),
        ]
    }

    /// Name, kind, configuration and calibration of the detector, and its mask.
    static func detectorNodes(_ contents: FileContents) -> [FileNode] {
        let configuration = contents.configuration
        var nodes: [FileNode] = [.text("local_name", configuration.name), .text("description", configuration.type.rawValue)]
        if !contents.configurationText.isEmpty { nodes.append(.text("configuration", contents.configurationText)) }
        if let mask = contents.pixelMask {
            nodes.append(
                FileNode(
                    name: "pixel_mask", content: .mask(mask, shape: [contents.format.height, contents.format.width]),
                    attributes: [("meaning", .text("bit 0: no sensor, bit 1: not usable"))]))
        }
        guard !contents.calibration.isEmpty || contents.calibrationRevision != nil else { return nodes }
        var calibration: [FileNode] = contents.calibration.map { file in
            .text(file.role, file.path, file.checksum.isEmpty ? [] : [("checksum", .text(file.checksum))])
        }
        if let revision = contents.calibrationRevision { calibration.append(.integer("revision", revision)) }
        nodes.append(.group("calibration", "NXcollection", calibration))
        return nodes
    }
}

extension FileNode {
    /// A group without attributes but its class.
    static func group(_ name: String, _ nexusClass: String, _ members: [FileNode]) -> FileNode {
        .group(name, nexusClass, [], members)
    }
}
