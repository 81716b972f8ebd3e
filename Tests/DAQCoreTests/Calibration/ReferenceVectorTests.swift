import DAQCore
import Testing

/// Images, masks and mask reasons whose digests were computed with jungfrau_utils.
@Suite("Calibration reference vectors", .serialized)
struct ReferenceVectorTests {
    /// What each digest is of.
    enum Column: String, CaseIterable {
        case converted, photons, masked, maskedBorders, shared, withoutGaps
        case highGain4, highGain6, goodPixels, goodPixelsShared, reasons
    }

    static let detectors: [(name: String, modules: Int, digests: [Column: String])] = [
        (
            "JF01T03V01", 3,
            [
                .converted: "cbc7a40d81a19386b8e2585688dce797", .photons: "d2df4e2ad70c3ae69f0eb7a0f37e7d93",
                .masked: "98b8b7d813bcc8ff252ca4a4403709e2", .maskedBorders: "292d0f87d7ead888ffae682b32ab032f",
                .shared: "a29a6d7b4c62c4c03be636d1a47d6219", .withoutGaps: "e6112cf31ef9a188b1c367a760707874",
                .highGain4: "554993fffbef80462f238e5ea62cb499", .highGain6: "a3e8eee38714e12d68d2679f3277d5fe",
                .goodPixels: "afed592c1d13fbc5e56534e48438deaa", .goodPixelsShared: "024060875b583a145d8c9a57fd54d91f",
                .reasons: "db5010cd1ffd6673a1780e4965d217a2",
            ]
        ),
        (
            "JF02T09V02", 9,
            [
                .converted: "cae3541aaa69f2db5b8399e55423e896", .photons: "382f04a04dfccc30fd30f4f5303569d6",
                .masked: "bd81ec67de766e0364945ac3bc6cd660", .maskedBorders: "7d576dd4a3278daf1ed5a72acab4f952",
                .shared: "1e01de2015089cbbb4e58e11184137a2", .withoutGaps: "28b363075211591e28a2a79d0930e468",
                .highGain4: "f7f7b77cf27fca48a9cd4c57e6d9b601", .highGain6: "5d00411a72acfddf3e1e19bee2bc1155",
                .goodPixels: "ae8347c1bbad7676dff6db498722e637", .goodPixelsShared: "188a11f2444c010590ff854cc1dd610e",
                .reasons: "a350ebb204738f303db3a3cc57f260c3",
            ]
        ),
        (
            "JF06T08V05", 8,
            [
                .converted: "5647823246873d6632dd1a95a5e97d7a", .photons: "a85a3821339b08d69fbbae2870e652e1",
                .masked: "31f7d7ecf4dfcff0a31431d07dd21b30", .maskedBorders: "959457d8889d33306b6085c1fe9d7a6a",
                .shared: "15228381678c790273511b47fba5bf4c", .withoutGaps: "2b3ca0652afbb112ac6b508923420175",
                .highGain4: "a9a05cd3838d87df434188d73e5db85b", .highGain6: "345a7f775aac0f5ecdde17df9ea169fb",
                .goodPixels: "8989480ea15f631b3eaf3a66db414a6a", .goodPixelsShared: "c84dc615e23dddc2f1a9fcdecdf4797c",
                .reasons: "f2ad8a87b4b258313ee59768f681a1d5",
            ]
        ),
        (
            "JF11T04V01", 4,
            [
                .converted: "5e30f5291940a7aa8e75641b88a5470d", .photons: "77147cb64b98db448b985144f3074b50",
                .masked: "39e42773a40512e7e8975420c93c7721", .maskedBorders: "60c15a29c17dd8a43f194360583b82ad",
                .withoutGaps: "39e42773a40512e7e8975420c93c7721", .highGain4: "69694b317f45387612822e27a4c3e451",
                .highGain6: "6c1f48dbb38db669a53d7ddbf8552bda", .goodPixels: "b2180f283f9b5e5ba17fb3bcc32bc581",
                .reasons: "26c306f007d94078b44dda7392cc46e8",
            ]
        ),
        (
            "JF18T01V01", 1,
            [
                .converted: "de55b16d90b8c79c53c0e13018c42d2b", .photons: "29839796eebd94f6b8bf12d488c94125",
                .masked: "b420e43782465db93fbbaa49ed1c451e", .maskedBorders: "b420e43782465db93fbbaa49ed1c451e",
                .withoutGaps: "b420e43782465db93fbbaa49ed1c451e", .highGain4: "5a4487608881d282dba88ce49282dccd",
                .highGain6: "79791fd5c1ca438f7e2adb26fef573ab", .goodPixels: "17988722b6ba89812134573a60167a98",
                .reasons: "85230fcfc2bf1b7290e45d02516e8748",
            ]
        ),
    ]

    @Test("Every column of a detector", arguments: detectors.map(\.name))
    func columns(name: String) throws {
        let detector = try #require(Self.detectors.first { $0.name == name })
        let layout = try #require(PublishedGeometry(name: name))
        #expect(layout.moduleCount == detector.modules)
        let data = ReferenceData(modules: detector.modules)
        for column in Column.allCases {
            guard let expected = detector.digests[column] else { continue }
            #expect(try result(column, layout, data) == expected, "\(name), \(column)")
        }
    }

    private func result(_ column: Column, _ layout: PublishedGeometry, _ data: ReferenceData) throws -> String {
        var stack = data.stacked()
        var image = data.published(layout)
        let bare = data.calibration(masked: false)
        switch column {
        case .converted:
            return digest(try assembled(stack, bare, data, as: Float.self))
        case .photons:
            stack.calibration.factor = 12.4
            return digest(try assembled(stack, bare, data, as: Int32.self))
        case .masked:
            return digest(try assembled(image, data.calibration(), data, as: Float.self))
        case .maskedBorders:
            image.calibration.doublePixels = .mask
            image.calibration.moduleEdges = .mask
            return digest(try assembled(image, data.calibration(), data, as: Float.self))
        case .shared:
            image.calibration.doublePixels = .interpolate
            return digest(try assembled(image, data.calibration(), data, as: Float.self))
        case .withoutGaps:
            image = data.published(layout, gapPixels: false)
            return digest(try assembled(image, data.calibration(), data, as: Float.self))
        case .highGain4, .highGain6:
            stack.calibration.highGain = true
            let four = column == .highGain4
            let calibration = data.calibration(pedestals: four ? 4 : 3, gains: four ? 4 : 6, masked: false)
            return digest(try assembled(stack, calibration, data, as: Float.self))
        case .goodPixels:
            return digest(try PixelMask(image, calibration: data.calibration()).goodPixels())
        case .goodPixelsShared:
            image.calibration.doublePixels = .interpolate
            return digest(try PixelMask(image, calibration: data.calibration()).goodPixels())
        case .reasons:
            return digest(try PixelMask(image, calibration: data.calibration()).reasons())
        }
    }

    @Test("Two UDP interfaces make the same image as one")
    func twoInterfaces() throws {
        let data = ReferenceData(modules: 3)
        let layout = try #require(PublishedGeometry(name: "JF01T03"))
        var configuration = data.published(layout)
        configuration.udpInterfaces = 2
        let image = try assembled(configuration, data.calibration(), data, as: Float.self)
        #expect(digest(image) == "98b8b7d813bcc8ff252ca4a4403709e2")
    }

    @Test("Single pixels and the sum of a converted image")
    func pixels() throws {
        let data = ReferenceData(modules: 3)
        #expect(digest(data.raw) == "9c9a8bbdaf4add0d2d086a0a1276cda7")
        let bare = data.calibration(masked: false)
        #expect(digest(bare.pedestals.flatMap(\.self)) == "01bf2dd1fce6e8b14e063259399eade8")
        #expect(digest(bare.gains[..<3].flatMap(\.self)) == "d2b181c00c84d488480ec7f1a4bc12c5")

        let image = try assembled(data.stacked(), bare, data, as: Float.self)
        #expect(
            [0, 1, 2, 3, 1024, 300_000].map { image[$0] }
                == [51.7459831237793, 136.77891540527344, 85886.96875, -43.863948822021484, 112.54193115234375, 18714.5390625])
        var sum = 0.0
        for value in image { sum += Double(value) }
        #expect((sum - 16_436_516_040.846277).magnitude < 1e-3)

        var photons = data.stacked()
        photons.calibration.factor = 12.4
        #expect(try assembled(photons, bare, data, as: Int32.self)[..<6] == [4, 11, 6926, -4, 6, 1273])
    }

    private func assembled<Pixel: BitwiseCopyable>(
        _ configuration: DetectorConfiguration, _ calibration: Calibration, _ data: ReferenceData, as: Pixel.Type
    ) throws -> [Pixel] {
        var random = SeededNumbers(seed: 1)
        let slot = try AssemblySlot(configuration, calibration)
        data.raw.withUnsafeBytes { slot.assemble($0, random: &random) }
        return slot.pixels(as: Pixel.self)
    }
}
