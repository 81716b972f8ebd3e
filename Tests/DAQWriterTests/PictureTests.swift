import DAQCore
import Glibc
import Testing

@testable import DAQWriter

@Suite struct PictureTests {
    @Test("Brightness follows the value, limits cut, and what is not measured has its own colour")
    func brightness() {
        let values: [Double] = [0, 10, 20, .nan, -1, 1000]
        let picture = ImagePicture(values, width: 3, height: 2, percentiles: 0...75, isValid: { $0 != -1 })
        #expect(picture.limits == 0...20)
        #expect(picture.indices == [0, 127, 254, 255, 255, 254])
        let logarithmic = ImagePicture(
            values, width: 3, height: 2, scale: .logarithmic, percentiles: 0...75, isValid: { $0 != -1 })
        #expect(logarithmic.indices[1] > 127 && logarithmic.indices[1] < 254)
    }

    @Test("Large images are averaged in blocks, also where the last block is smaller")
    func scaling() {
        let (width, height) = (2049, 3)
        let values = (0..<width * height).map { Double($0 % width) }
        let picture = ImagePicture(values, width: width, height: height, percentiles: 0...100)
        #expect(picture.factor == 3)
        #expect(picture.width == 683 && picture.height == 1)
        #expect(picture.limits == 1...2047)
        let columns = ImagePicture(Array(repeating: 5, count: 1024 * 2), width: 1024, height: 2)
        #expect(columns.factor == 1 && columns.indices.allSatisfy { $0 == 0 })
    }

    @Test("An image without a single measurement is one colour")
    func nothing() {
        let picture = ImagePicture([.nan, .nan], width: 2, height: 1)
        #expect(picture.indices == [255, 255])
    }

    @Test("Pillow reads the PNG file, pixel by pixel")
    func png() throws {
        let directory = try TemporaryDirectory()
        let format = ImageFormat(width: 256, height: 3, pixelType: .uint16)
        let writer = HDF5Writer(path: directory.file("image.h5"))
        try writer.open(TestImages.run(format))
        let pixels = (0..<768).map { $0 % 256 == 255 ? UInt16.max : UInt16($0 % 256) }
        try writer.accept(TestImages.image(ImageMetadata(id: 0), format, pixels))
        try writer.close()
        let picture = try HDF5ImageFile(path: directory.file("image.h5")).picture(ofImage: 0, percentiles: 0...100)
        let path = directory.file("image.png")
        try picture.write(to: path, colors: .grey)
        #expect(throws: HDF5Error.self) { try picture.write(to: directory.file("absent/image.png")) }

        guard let python = Shell.python(for: "png") else { return }
        let script = """
            import sys
            try:
                from PIL import Image
            except ImportError:
                print("no Pillow"); sys.exit(3)
            picture = Image.open(sys.argv[1]).convert("RGB")
            assert picture.size == (256, 3), picture.size
            for y in range(3):
                for x in range(255):
                    assert picture.getpixel((x, y)) == (x, x, x), (x, picture.getpixel((x, y)))
                assert picture.getpixel((255, y)) == (40, 60, 200)
            """
        let result = try Shell.run(python, ["-c", script, path])
        if result.status == 3 { return print("SKIPPED png: \(python) has no Pillow") }
        #expect(result.status == 0, "\(result.output)")
    }
}
