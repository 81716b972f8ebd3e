import DAQCore

/// A configuration document as text, with keys that tests exchange.
struct DocumentText {
    /// Keys and their values in JSON, in order.
    var members: [(key: String, json: String)]

    subscript(key: String) -> String? {
        get { members.first { $0.key == key }?.json }
        set {
            let index = members.firstIndex { $0.key == key }
            switch (index, newValue) {
            case (let index?, let json?): members[index].json = json
            case (let index?, nil): members.remove(at: index)
            case (nil, let json?): members.append((key, json))
            case (nil, nil): break
            }
        }
    }

    func with(_ key: String, _ json: String?) -> DocumentText {
        var document = self
        document[key] = json
        return document
    }

    var text: String { "{\n" + members.map { "  \"\($0.key)\": \($0.json)" }.joined(separator: ",\n") + "\n}\n" }

    func read(overrides: [String] = [], strict: Bool = false) throws(ConfigurationError) -> ConfigurationDocument {
        try ConfigurationDocument(json: text.utf8, overrides: overrides, strict: strict)
    }

    /// What is wrong with the document.
    func problems(overrides: [String] = [], strict: Bool = false) -> [ConfigurationProblem] {
        do {
            _ = try read(overrides: overrides, strict: strict)
            return []
        } catch {
            return error.problems
        }
    }
}

extension DocumentText {
    private init(
        name: String, type: String, modules: Int, depth: Int, width: Int, height: Int, port: Int, positions: [(Int, [Int])]
    ) {
        let list = positions.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
        members = [
            ("detector_name", "\"\(name)\""), ("detector_type", "\"\(type)\""), ("n_modules", "\(modules)"),
            ("bit_depth", "\(depth)"), ("image_pixel_height", "\(height)"), ("image_pixel_width", "\(width)"),
            ("start_udp_port", "\(port)"), ("module_positions", "{\(list)}"),
        ]
    }

    /// Two modules above each other, as std-daq describes them.
    static let jungfrau = DocumentText(
        name: "JF07T02V01", type: "jungfrau-raw", modules: 2, depth: 16, width: 1024, height: 1024, port: 50_000,
        positions: [(0, [0, 0, 1023, 511]), (1, [0, 512, 1023, 1023])])

    static let moench = DocumentText(
        name: "moench", type: "moench", modules: 1, depth: 16, width: 400, height: 400, port: 50_001,
        positions: [(0, [0, 0, 399, 399])])

    /// One half module: two streams of two chips each.
    static let eiger = DocumentText(
        name: "eiger", type: "eiger", modules: 2, depth: 32, width: 1030, height: 256, port: 50_020,
        positions: [(0, [0, 0, 513, 255]), (1, [516, 255, 1029, 0])])

    /// A 9M with four streams switched off.
    ///
    /// Gaps: 2 pixels between chips, 8 columns and 36 rows between modules.
    static let eiger9M: DocumentText = {
        var positions: [(Int, [Int])] = []
        for column in 0..<6 {
            for row in 0..<12 {
                let x = 1038 * (column / 2) + 516 * (column % 2)
                let base = 2750 - 550 * (row / 2)
                let index = 24 * (column / 2) + 2 * row + column % 2
                guard ![62, 63, 66, 67].contains(index) else { continue }
                let rows = row % 2 == 0 ? [base + 258, base + 513] : [base + 255, base]
                positions.append((index, [x, rows[0], x + 513, rows[1]]))
            }
        }
        return DocumentText(
            name: "EG9M", type: "eiger", modules: 72, depth: 32, width: 3106, height: 3264, port: 50_020, positions: positions)
    }()
}
