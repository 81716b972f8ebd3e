/// Names of files in virtual datasets, where `%b` would be a number and `%%` is a percent sign.
enum VirtualName {
    /// The name as the library takes it.
    static func escaped(_ name: String) -> String { replace("%", by: "%%", in: name) }

    /// The name of the file.
    static func unescaped(_ name: String) -> String { replace("%%", by: "%", in: name) }

    private static func replace(_ pattern: String, by replacement: String, in text: String) -> String {
        var result = ""
        var rest = text[...]
        while !rest.isEmpty {
            if rest.hasPrefix(pattern) {
                result += replacement
                rest = rest.dropFirst(pattern.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result
    }
}
