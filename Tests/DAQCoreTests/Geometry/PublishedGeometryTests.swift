import Testing

@testable import DAQCore

@Suite("Published geometries")
struct PublishedGeometryTests {
    /// Rows × columns with and without gap pixels, as published.
    static let sizes: [(names: [String], modules: Int, gaps: (rows: Int, columns: Int), none: (rows: Int, columns: Int))] = [
        (["JF01T03", "JF07T03", "JF16T03", "JF01T03V01"], 3, (1614, 1030), (1612, 1024)),
        (["JF02T09V01", "JF02T09", "JF02T09V02"], 9, (514, 9318), (512, 9312)),
        (["JF02T01", "JF03T01", "JF04T01", "JF08T01", "JF09T01", "JF13T01", "JF14T01"], 1, (514, 1030), (512, 1024)),
        (["JF19T01", "JF20T01", "JF21T01", "JF21T01V17"], 1, (514, 1030), (512, 1024)),
        (["JF22T01"], 1, (1030, 514), (1024, 512)),
        (["JF06T04"], 4, (2136, 1132), (2130, 1130)),
        (["JF06T08", "JF06T08V05"], 8, (2136, 2232), (2130, 2230)),
        (["JF06T32"], 32, (4214, 4982), (4208, 4980)),
        (["JF07T32"], 32, (4432, 4215), (4430, 4209)),
        (["JF15T08"], 8, (2312, 2215), (2310, 2209)),
        (["JF17T16"], 16, (3333, 3212), (3331, 3212)),
        (["JF05T01", "JF10T01"], 1, (84, 3090), (84, 3090)),
        (["JF11T04"], 4, (84, 12396), (84, 12396)),
        (["JF12T04"], 4, (174, 6207), (174, 6207)),
        (["JF18T01"], 1, (1488, 165), (1488, 165)),
    ]

    @Test("Sizes are the published ones, and no two modules share a pixel")
    func sizes() throws {
        #expect(Set(PublishedGeometry.names).isSubset(of: Self.sizes.flatMap(\.names)))
        for entry in Self.sizes {
            for name in entry.names {
                let layout = try #require(PublishedGeometry(name: name), "\(name)")
                #expect(layout.moduleCount == entry.modules)
                for gaps in [true, false] {
                    let (rows, columns) = gaps ? entry.gaps : entry.none
                    let size = layout.size(gapPixels: gaps)
                    #expect(size == (columns, rows), "\(name)")
                    var configuration = DetectorConfiguration(
                        name: name, type: .jungfrauRaw, moduleCount: entry.modules, bitDepth: 16, imageWidth: columns,
                        imageHeight: rows, startUDPPort: 50_000, modulePositions: [:])
                    configuration.geometry = layout
                    configuration.gapPixels = gaps
                    #expect(try Geometry(configuration).modules.count == entry.modules, "\(name)")
                }
            }
        }
    }

    @Test("The first and later versions of JF02T09 differ; unknown names are refused")
    func names() {
        let first = PublishedGeometry(name: "JF02T09V01")
        let second = PublishedGeometry(name: "JF02T09V02")
        #expect(first?.positions(gapPixels: true)[1] == ModulePosition(xStart: 1036, yStart: 0, xEnd: 2065, yEnd: 513))
        #expect(
            second?.positions(gapPixels: true)[1] == ModulePosition(xStart: 1036, yStart: 0, xEnd: 2065, yEnd: 513, rotation: 2))
        for name in ["", "JF99T01", "JF06T08V", "JF06T08V5", "JF06T08V05V05", "jf06t08"] {
            #expect(PublishedGeometry(name: name) == nil, "\(name)")
        }
    }
}
