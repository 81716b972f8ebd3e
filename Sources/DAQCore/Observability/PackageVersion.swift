/// What this package calls itself in files and messages.
public enum PackageVersion {
    /// Name of the package.
    public static let name = "swift-daq"
    /// Version of the package.
    public static let number = "0.1.0"
}
