import DAQWriter

/// What `daqctl inspect` says about a file.
final class FileInspection {
    private let file: HDF5ImageFile
    private let index: ImageIndex
    private let structure: HDF5Structure
    /// Sums of the first images.
    private var sums: [ImageStatistics] = []
    /// What reading back every image has shown; `nil` when that was not asked for.
    private var verification: FileVerification?

    /// Reads a file.
    ///
    /// - Parameter sums: how many images are read for their sums, at most.
    init(path: String, sums: Int) throws {
        CrashGuard.expectProgress()
        file = try HDF5ImageFile(path: path)
        index = try file.index()
        structure = try file.structure()
        for image in 0..<min(sums, file.imageCount) {
            CrashGuard.expectProgress()
            self.sums.append(try file.statistics(ofImage: image))
        }
    }

    /// Reads back every image for its checksum, as `daqctl verify` does.
    ///
    /// - Parameter report: told how far it is.
    func readBack(_ report: (ProgressMeter.Sample) -> Void) throws {
        let (total, bytes) = (file.imageCount, file.bytesPerImage)
        verification = try file.verify { done in
            CrashGuard.expectProgress()
            report(ProgressMeter.Sample(reading: done, of: total, bytesPerImage: bytes))
        }
    }

    /// Problems that reading back has shown.
    var problemCount: Int { verification?.problemCount ?? 0 }

    /// Draws an image.
    ///
    /// - Parameter id: the image's id, or its place in a file without ids; `nil` draws the first one.
    func draw(_ id: UInt64?, to path: String) throws {
        var place = 0
        if let id {
            guard let found = index.columns["frame_id"]?.firstIndex(of: id) ?? Int(exactly: id), found < file.imageCount else {
                throw RunFailure(reason: "there is no image \(id) in \(file.path)")
            }
            place = found
        }
        guard file.imageCount > 0 else { throw RunFailure(reason: "there is no image in \(file.path)") }
        try file.picture(ofImage: place, scale: .logarithmic).write(to: path)
    }

    /// The result for people.
    var text: String {
        var text = "\(file.path): \(file.imageCount) images of \(file.width) x \(file.height) \(file.elementType)"
        text += " in \(file.stackPath)\n"
        if !file.filters.isEmpty { text += "compressed: \(file.filters.joined(separator: ", "))\n" }
        if let ids = index.columns["frame_id"], let first = ids.first, let last = ids.last {
            text += "ids \(first) to \(last)"
            text += index.missingImages == 0 ? ", none missing\n" : "; MISSING: \(Quantity.count(index.missingImages))\n"
        }
        for gap in index.gaps.prefix(20) { text += "  missing: \(gap.first) to \(gap.last) (segment \(gap.segment))\n" }
        if index.gaps.count > 20 { text += "  and \(index.gaps.count - 20) more gaps\n" }
        if index.disorder > 0 { text += "ids do not ascend at \(index.disorder) places\n" }
        for (status, count) in index.statusCounts.sorted(by: { $0.key < $1.key }) {
            text += "\(Quantity.count(UInt64(count))) images \(Self.words(status))\n"
        }
        if !sums.isEmpty { text += "\n" }
        for (place, sum) in sums.enumerated() {
            text += "image \(label(place)): sum \(sum.validSum), from \(Self.text(sum.minimum)) to \(Self.text(sum.maximum))"
            if sum.invalidPixels > 0 { text += ", \(Quantity.count(UInt64(sum.invalidPixels))) pixels without a value" }
            if let verification { text += ", checksum \(Quantity.checksum(verification.checksums[place]))" }
            text += "\n"
        }
        if file.imageCount > sums.count, !sums.isEmpty { text += "(and \(file.imageCount - sums.count) more images)\n" }
        if let verification {
            text += "checksum of all images: \(Quantity.checksum(verification.checksum))\n"
            if !verification.isGood { text += "NOT ALL IS THERE: \(problemCount) problems, told by daqctl verify\n" }
        }
        return text + "\n" + structure.text + "\n"
    }

    /// The result for machines.
    var json: JSONValue {
        [
            "file": .string(file.path), "images": .integer(Int64(file.imageCount)), "width": .integer(Int64(file.width)),
            "height": .integer(Int64(file.height)), "type": .string(file.elementType), "dataset": .string(file.stackPath),
            "filters": .array(file.filters.map { .string($0) }), "missing_images": .unsigned(index.missingImages),
            "gaps": .array(
                index.gaps.map { gap in
                    ["segment": .integer(Int64(gap.segment)), "first": .unsigned(gap.first), "last": .unsigned(gap.last)]
                }),
            "status": .object(
                index.statusCounts.sorted { $0.key < $1.key }.map {
                    JSONValue.Member(key: String($0.key), value: .integer(Int64($0.value)))
                }),
            "sums": .array(
                sums.enumerated().map { place, sum in
                    [
                        "id": .string(label(place)), "sum": Self.json(sum.sum), "valid_sum": Self.json(sum.validSum),
                        "minimum": sum.minimum.map(Self.json) ?? .null, "maximum": sum.maximum.map(Self.json) ?? .null,
                        "invalid_pixels": .integer(Int64(sum.invalidPixels)),
                    ]
                }),
            "checksum": verification.map { .string(Quantity.checksum($0.checksum)) } ?? .null,
            "checksums": verification.map { .array($0.checksums.map { .string(Quantity.checksum($0)) }) } ?? .null,
            "problem_count": verification.map { .integer(Int64($0.problemCount)) } ?? .null,
        ]
    }

    private func label(_ place: Int) -> String { index.columns["frame_id"].map { String($0[place]) } ?? String(place) }

    private static func words(_ status: UInt64) -> String {
        switch status {
        case 1: "are complete"
        case 2: "lack packets"
        default: "have status \(status)"
        }
    }

    private static func text(_ number: ImageStatistics.Number?) -> String { number.map { "\($0)" } ?? "nothing" }

    private static func json(_ number: ImageStatistics.Number) -> JSONValue {
        switch number {
        case .integer(let value): .integer(Int64(clamping: value))
        case .real(let value): .number(value)
        }
    }
}
