import Foundation
import Testing

@testable import DAQCore

/// The reference and the schema say the same as the code.
@Suite("Configuration reference")
struct ConfigurationReferenceTests {
    private static func document(_ name: String) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs")
        return try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }

    private static func schema() throws -> JSONNode { try JSONParser.parse(Array(document("configuration.schema.json").utf8)) }

    /// The schemas of all keys by path, groups included.
    private static func properties(_ schema: JSONNode, prefix: String = "") -> [String: JSONNode] {
        guard case .object(let members)? = schema["properties"]?.value else { return [:] }
        var all: [String: JSONNode] = [:]
        for member in members {
            all[prefix + member.key] = member.node
            all.merge(properties(member.node, prefix: prefix + member.key + ".")) { first, _ in first }
            if let items = member.node["items"] {
                all.merge(properties(items, prefix: prefix + member.key + "[].")) { first, _ in first }
            }
        }
        return all
    }

    private static func texts(_ node: JSONNode?) -> [String] {
        guard case .array(let elements)? = node?.value else { return [] }
        return elements.compactMap { if case .text(let text) = $0.value { text } else { nil } }
    }

    private static func text(_ node: JSONNode?) -> String? { if case .text(let text)? = node?.value { text } else { nil } }

    @Test("The schema has exactly the known keys")
    func keys() throws {
        let properties = Self.properties(try Self.schema())
        #expect(Set(properties.keys) == Set(ConfigurationKey.all.map(\.path)))
        #expect(properties.count == ConfigurationKey.all.count)
        let needed = ConfigurationKey.all.filter { $0.use == .mandatory }.map(\.path)
        #expect(Set(Self.texts(try Self.schema()["required"])) == Set(needed))
    }

    @Test("Types, limits and choices in the schema are those of the code", arguments: ConfigurationKey.all.map(\.path))
    func kinds(path: String) throws {
        let key = try #require(ConfigurationKey.named(path))
        let schema = try #require(Self.properties(try Self.schema())[path])
        #expect(Self.text(schema["description"])?.isEmpty == false)
        switch key.kind {
        case .integer(let range):
            #expect(Self.text(schema["type"]) == "integer")
            #expect(schema["minimum"]?.integer == range?.lowerBound)
            #expect(schema["maximum"]?.integer == range?.upperBound)
        case .number(let range):
            #expect(Self.text(schema["type"]) == "number")
            #expect(schema["minimum"]?.number == range.lowerBound)
            #expect(schema["maximum"]?.number == range.upperBound)
        case .boolean: #expect(Self.text(schema["type"]) == "boolean")
        case .text: #expect(Self.text(schema["type"]) == "string")
        case .choice(let choices): #expect(Self.texts(schema["enum"]) == choices)
        case .integers(let range):
            #expect(Self.text(schema["type"]) == "array")
            #expect(schema["items"]?["minimum"]?.integer == range.lowerBound)
            #expect(schema["items"]?["maximum"]?.integer == range.upperBound)
        case .texts:
            #expect(Self.text(schema["type"]) == "array")
            #expect(Self.text(schema["items"]?["type"]) == "string")
        case .pixelValue: #expect(Self.text(schema["$ref"]) == "#/$defs/pixelValue")
        case .list: #expect(Self.text(schema["type"]) == "array")
        case .positions, .group, .liveStreams: #expect(Self.text(schema["type"]) == "object")
        case .collection: #expect(Self.texts(schema["type"]) == ["object", "array"])
        }
    }

    @Test("Every key has a row in the reference, and every row a key")
    func rows() throws {
        let text = try Self.document("configuration.md")
        let rows = text.split(separator: "\n").compactMap { line in
            line.hasPrefix("| `") ? line.dropFirst(3).split(separator: "`").first.map(String.init) : nil
        }
        let documented = ConfigurationKey.all.filter { $0.use != .ignored }.map(\.path)
        #expect(Set(rows) == Set(documented))
        #expect(rows.count == documented.count)
        for key in ConfigurationKey.all where key.use == .ignored {
            #expect(text.contains("`\(key.path)`"), "\(key.path) is not in the reference")
        }
    }

    @Test("Every value that a choice can have is in the reference")
    func choices() throws {
        let text = try Self.document("configuration.md")
        for key in ConfigurationKey.all {
            guard case .choice(let choices) = key.kind else { continue }
            for choice in choices {
                #expect(text.contains("`\(choice)`") || text.contains("\"\(choice)\""), "\(key.path): \(choice)")
            }
        }
    }

    @Test("The examples of the reference load without a warning")
    func examples() throws {
        let blocks = try Self.document("configuration.md").components(separatedBy: "```json\n").dropFirst()
            .compactMap { $0.components(separatedBy: "```").first }
        let documents = blocks.filter { $0.contains("detector_name") }
        #expect(documents.count == 4)
        for text in documents {
            #expect(try ConfigurationDocument(json: text.utf8, strict: true).warnings.isEmpty)
        }
        for block in blocks where block.hasPrefix("\"streams\"") {
            let text = DocumentText.eiger.with("streams", String(block.dropFirst("\"streams\": ".count)))
            #expect(text.problems(strict: true) == [])
        }
        let positions = try #require(blocks.first { $0.hasPrefix("{\"0\"") })
        let text = DocumentText.jungfrau.with("n_modules", "3").with("image_pixel_width", "1536").with(
            "module_positions", positions)
        #expect(text.problems(strict: true) == [])
    }

    @Test(
        "The edit distance counts inserted, deleted, replaced and swapped characters",
        arguments: [
            ("", "", 0), ("abc", "", 3), ("abc", "abd", 1), ("abc", "acb", 1), ("abcd", "bcde", 2), ("kitten", "sitting", 3),
        ])
    func editDistance(first: String, second: String, distance: Int) {
        #expect(ConfigurationKey.editDistance(Array(first), Array(second)) == distance)
        #expect(ConfigurationKey.editDistance(Array(second), Array(first)) == distance)
    }
}
