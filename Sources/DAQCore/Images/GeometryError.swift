/// Why modules cannot be placed in an image.
public enum GeometryError: Error, Equatable, CustomStringConvertible {
    /// A position does not have the size of the module, with or without gap pixels, whole or as far as it is read.
    case moduleSize(module: Int, found: (width: Int, height: Int), allowed: [String])
    /// A position reaches out of the image.
    case outside(module: Int, ModulePosition, width: Int, height: Int)
    /// Two modules cover the same pixels.
    case overlap(Int, Int)
    /// A published layout is for another type of detector, number of modules or image size.
    case layout(PublishedGeometry, reason: String)
    /// Correction options that this geometry or content does not allow.
    case option(String)

    /// What was expected, what was found, and what to change.
    public var description: String {
        switch self {
        case .moduleSize(let module, let found, let allowed):
            "module_positions.\(module) covers \(found.width) × \(found.height) pixels; "
                + "this detector allows \(allowed.joined(separator: ", ")) (before rotation)"
        case .outside(let module, let position, let width, let height):
            "module_positions.\(module) [\(position.xStart), \(position.yStart), \(position.xEnd), \(position.yEnd)] "
                + "reaches out of the image of \(width) × \(height) pixels; enlarge the image or move the module"
        case .overlap(let first, let second):
            "modules \(first) and \(second) cover the same pixels; move one of them"
        case .layout(let layout, let reason): "geometry \(layout.name): \(reason)"
        case .option(let text): text
        }
    }

    /// Whether both say the same.
    public static func == (left: GeometryError, right: GeometryError) -> Bool { left.description == right.description }
}
