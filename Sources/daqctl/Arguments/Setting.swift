/// One configuration key that the command line overrides: `--set key.path=value`.
///
/// Only the form is checked here. Whoever loads the configuration knows the keys and their types.
struct Setting: Sendable, Hashable {
    /// The setting as it was written.
    let text: String

    /// The setting that `text` describes; `nil` without an equals sign or with an empty name in the path.
    init?(_ text: String) {
        guard let equals = text.firstIndex(of: "=") else { return nil }
        let names = text[..<equals].split(separator: ".", omittingEmptySubsequences: false)
        guard names.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.text = text
    }
}
