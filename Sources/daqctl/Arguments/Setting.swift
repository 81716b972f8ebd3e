/// One configuration key that the command line overrides: `--set key.path=value`.
///
/// The value stays text here. Whoever loads the configuration knows the key's type: it reads the text as JSON where
/// that type is a number, a flag, a list or an object, and takes it as it is where the type is text.
struct Setting: Sendable, Hashable {
    /// The names from the document's root down to the key.
    let path: [String]
    /// The new value as it was written.
    let value: String

    /// The setting that `text` describes; `nil` without an equals sign or with an empty name in the path.
    init?(_ text: String) {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        let names = text[..<equals].split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        guard names.allSatisfy({ !$0.isEmpty }) else { return nil }
        path = names
        value = String(text[text.index(after: equals)...])
    }
}
