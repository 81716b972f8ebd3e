import DAQWriter

/// What `daqctl inspect` says about a file.
final class FileInspection {
    private let file: HDF5ImageFile
    private let index: ImageIndex
    private let names: ImageNames
    private let completeness: FileCompleteness
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
        file = try FileCompleteness.open(path)
        completeness = try FileCompleteness(file)
        index = try file.index()
        names = ImageNames(index)
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
    /// - Parameters:
    ///   - id: the image's id, or its place in a file without ids; `nil` draws the first one.
    ///   - segment: its segment; `nil` when only one has it.
    func draw(_ id: UInt64?, segment: UInt64?, to path: String) throws {
        guard file.imageCount > 0 else { throw CommandFailure(reason: "there is no image in \(file.path)") }
        let place = try id.map { try names.place(of: $0, segment: segment, among: file.imageCount, in: file.path) } ?? 0
        try file.picture(ofImage: place, scale: .logarithmic).write(to: path)
    }

    /// The result for people.
    var text: String {
        var text = completeness.text
        text += "\(file.path): \(Quantity.images(UInt64(file.imageCount))) of \(file.width) x \(file.height) \(file.elementType)"
        text += " in \(file.stackPath)\n"
        if !file.filters.isEmpty { text += "compressed: \(file.filters.joined(separator: ", "))\n" }
        if let ids {
            text += ids
            text += index.missingImages == 0 ? ", none missing\n" : "; MISSING: \(Quantity.count(index.missingImages))\n"
        }
        for gap in index.gaps.prefix(20) { text += "  missing: \(gap.first) to \(gap.last) (segment \(gap.segment))\n" }
        if index.gaps.count > 20 { text += "  and \(index.gaps.count - 20) more gaps\n" }
        if index.disorder > 0 { text += "ids do not ascend at \(index.disorder) places\n" }
        for (status, count) in index.statusCounts.sorted(by: { $0.key < $1.key }) {
            text += "\(Quantity.images(UInt64(count))) \(Self.words(status, isOne: count == 1))\n"
        }
        if !sums.isEmpty { text += "\n" }
        for (place, sum) in sums.enumerated() {
            text += "image \(names[place]): sum \(sum.validSum), from \(Self.text(sum.minimum)) to \(Self.text(sum.maximum))"
            if sum.invalidPixels > 0 { text += ", \(Quantity.of(UInt64(sum.invalidPixels), "pixel")) without a value" }
            if let verification { text += ", checksum \(Quantity.checksum(verification.checksums[place]))" }
            text += "\n"
        }
        if file.imageCount > sums.count, !sums.isEmpty { text += "(and \(file.imageCount - sums.count) more)\n" }
        if let verification {
            text += "checksum of all images: \(Quantity.checksum(verification.checksum))\n"
            if !verification.isGood {
                text += "NOT ALL IS THERE: \(Quantity.of(UInt64(problemCount), "problem")), told by daqctl verify\n"
            }
        }
        return text + "\n" + structure.text + "\n"
    }

    /// From which id to which, in every segment; `nil` without ids.
    private var ids: String? {
        guard let ids = index.columns["frame_id"], let first = ids.first, let last = ids.last else { return nil }
        guard names.needsSegments, let segments = index.columns["segment"] else { return "ids \(first) to \(last)" }
        var ranges: [(segment: UInt64, first: UInt64, last: UInt64)] = []
        for (segment, id) in zip(segments, ids) {
            if let place = ranges.firstIndex(where: { $0.segment == segment }) {
                ranges[place].last = id
            } else {
                ranges.append((segment, id, id))
            }
        }
        let shown = ranges.prefix(8).map { "\($0.first) to \($0.last) in segment \($0.segment)" }.joined(separator: ", ")
        return "\(ranges.count) segments: ids \(shown)\(ranges.count > 8 ? " and so on" : "")"
    }

    /// The result for machines.
    var json: JSONValue {
        .object(members + completeness.json)
    }

    private var members: [JSONValue.Member] {
        let json: JSONValue = [
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
                        "id": .string(id(place)), "segment": segment(place), "sum": Self.json(sum.sum),
                        "valid_sum": Self.json(sum.validSum),
                        "minimum": sum.minimum.map(Self.json) ?? .null, "maximum": sum.maximum.map(Self.json) ?? .null,
                        "invalid_pixels": .integer(Int64(sum.invalidPixels)),
                    ]
                }),
            "checksum": verification.map { .string(Quantity.checksum($0.checksum)) } ?? .null,
            "checksums": verification.map { .array($0.checksums.map { .string(Quantity.checksum($0)) }) } ?? .null,
            "problem_count": verification.map { .integer(Int64($0.problemCount)) } ?? .null,
        ]
        guard case .object(let members) = json else { return [] }
        return members
    }

    private func id(_ place: Int) -> String { index.columns["frame_id"].map { String($0[place]) } ?? String(place) }

    private func segment(_ place: Int) -> JSONValue { index.columns["segment"].map { .unsigned($0[place]) } ?? .null }

    private static func words(_ status: UInt64, isOne: Bool) -> String {
        switch status {
        case 1: isOne ? "is complete" : "are complete"
        case 2: isOne ? "lacks packets" : "lack packets"
        default: "\(isOne ? "has" : "have") status \(status)"
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
