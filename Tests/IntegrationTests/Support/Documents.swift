/// Configuration documents of the detectors in these tests.
enum Documents {
    /// JUNGFRAU of two modules; the second one is above the first, upside down.
    ///
    /// - Parameters:
    ///   - gaps: whether there are gap pixels between the chips.
    ///   - more: further keys, each after a comma.
    static func jungfrau(port: Int, type: String = "jungfrau-raw", gaps: Bool = false, more: String = "") -> String {
        let (width, height) = gaps ? (1030, 514) : (1024, 512)
        let positions = "\"0\": [0, \(height + 10), \(width - 1), \(2 * height + 9)], \"1\": [0, \(height - 1), \(width - 1), 0]"
        return document(
            "jungfrau", type: type, modules: 2, port: port, width: width, height: 2 * height + 10, positions: positions,
            more: more)
    }

    /// JUNGFRAU of one module.
    static func smallJungfrau(port: Int, more: String = "") -> String {
        document(
            "jungfrau", type: "jungfrau-raw", modules: 1, port: port, width: 1024, height: 512,
            positions: "\"0\": [0, 0, 1023, 511]",
            more: more)
    }

    /// EIGER of four streams; the lower two are upside down.
    ///
    /// - Parameter positions: other positions than that, of some of the streams.
    static func eiger(port: Int, bits: Int = 16, positions: String? = nil, more: String = "") -> String {
        let all = """
            "0": [0, 0, 513, 255], "1": [516, 0, 1029, 255], "2": [0, 513, 513, 258], "3": [516, 513, 1029, 258]
            """
        return document(
            "eiger", type: "eiger", modules: 4, bits: bits, port: port, width: 1030, height: 514, positions: positions ?? all,
            more: more)
    }

    /// MOENCH, one module turned by 90 degrees.
    static func moench(port: Int) -> String {
        document(
            "moench", type: "moench", modules: 1, port: port, width: 400, height: 400, positions: "\"0\": [0, 0, 399, 399, 90]")
    }

    private static func document(
        _ name: String, type: String, modules: Int, bits: Int = 16, port: Int, width: Int, height: Int, positions: String,
        more: String = ""
    ) -> String {
        """
        {
          "detector_name": "\(name)", "detector_type": "\(type)", "n_modules": \(modules), "bit_depth": \(bits),
          "image_pixel_width": \(width), "image_pixel_height": \(height), "start_udp_port": \(port), "bind": "127.0.0.1",
          "ring": {"bytes": 134217728, "shared": false},
          "module_positions": {\(positions)}\(more)
        }
        """
    }
}
