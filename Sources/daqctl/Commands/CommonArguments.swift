/// Arguments that several commands have in common.
enum CommonArguments {
    static let configuration = Argument.positional(
        "CONFIG", .path, help: "The detector's configuration, a JSON document.")
    static let set = Argument<[Setting]>.repeated(
        "set", "KEY=VALUE", .setting,
        help: "Override a key of the configuration, such as receive.threads=2. May be repeated.")
    static let strict = Argument.flag("strict", help: "Take unknown keys in the configuration as errors, not as warnings.")
    static let json = Argument.flag(
        "json", help: "Write results as JSON, one object a line; the last one is the summary.")
    static let quiet = Argument.flag("quiet", help: "Show no progress; errors and warnings are shown all the same.")
    static let duration = Argument<Double?>.option(
        "duration", "SECONDS", .positive, help: "End after this time at the latest.")
    static let images = Argument<Int?>.option(
        "images", "N", .integer(1...), help: "End after N images were published.")
    static let host = Argument.option(
        "to", "HOST", .text, default: "127.0.0.1", help: "Where the packets go: a name or an IPv4 address (127.0.0.1).")
    static let overwrite = Argument.flag("overwrite", help: "Replace files that exist already.")
}
