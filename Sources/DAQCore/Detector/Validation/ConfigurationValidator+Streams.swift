extension ConfigurationValidator {
    /// Checks the live streams: addresses that can be, one stream an address, and parts that the image has.
    mutating func checkStreams() {
        guard isSound("streams") else { return }
        var seen: [String: Int] = [:]
        for (index, stream) in configuration.liveStreams.enumerated() {
            let path = ConfigurationPath("streams")[index]
            checkAddress(stream.address, at: path["address"])
            if !stream.address.hasSuffix(":*"), let first = seen.updateValue(index, forKey: stream.address) {
                report(
                    .conflict, at: path["address"], expected: "an address of its own",
                    found: "\(stream.address.debugDescription), which is that of streams[\(first)] too")
            }
            checkPixels(of: stream, at: path)
        }
    }

    private mutating func checkAddress(_ address: String, at path: ConfigurationPath) {
        guard !EndpointAddress.isPossible(address) else { return }
        report(
            at: path, expected: "an address such as \"tcp://*:9001\" (* is every interface) or \"ipc:///tmp/name\"",
            found: address.debugDescription)
    }

    private mutating func checkPixels(of stream: StreamConfiguration, at path: ConfigurationPath) {
        let isReduced = stream.region != nil || stream.binning != 1
        if stream.compression != .none, ![.bsread, .dectris].contains(stream.format) {
            refuse(stream.format, "no compression, which only bsread and dectris can carry", at: path["compression"])
        }
        switch stream.format {
        case .metadata, .stdDAQ:
            if isReduced { refuse(stream.format, "no region and no binning, since it has no pixels", at: path) }
            if stream.pattern == .reply { refuse(stream.format, "the pattern pub or push", at: path["pattern"]) }
            return
        case .sls:
            if isReduced { refuse(stream.format, "no region and no binning, since it shows whole ports", at: path) }
            if stream.pattern != .publish { refuse(stream.format, "the pattern pub", at: path["pattern"]) }
            if configuration.content != .raw {
                refuse(
                    stream.format, "ring.content \"raw\", since it shows pixels as the detector sends them", at: path["format"])
            }
            return
        default: break
        }
        guard isSound("image_pixel_width", "image_pixel_height") else { return }
        let (width, height) = (configuration.imageWidth, configuration.imageHeight)
        let region = stream.region ?? ImageRegion(xStart: 0, yStart: 0, xEnd: width - 1, yEnd: height - 1)
        guard region.lies(inWidth: width, height: height) else {
            return report(
                at: path["region"], expected: "[x_start, y_start, x_end, y_end] in an image of \(width) × \(height) pixels",
                found: region.description)
        }
        guard stream.binning != 1 else { return }
        let largest = min(region.width, region.height, StreamConfiguration.maximumBinning)
        if !(1...largest).contains(stream.binning) {
            report(at: path["binning"], expected: "bins of 1 to \(largest) pixels a side", found: "\(stream.binning)")
        } else if configuration.hasGainBits {
            report(
                .conflict, at: path["binning"], expected: "no binning of raw JUNGFRAU words, whose upper bits are the gain stage",
                found: "\(stream.binning)", hint: "set ring.content to \"corrected\"")
        }
    }

    private mutating func refuse(_ format: StreamFormat, _ expected: String, at path: ConfigurationPath) {
        report(.conflict, at: path, expected: "\(expected) with the format \(format.rawValue)", found: "something else")
    }
}
