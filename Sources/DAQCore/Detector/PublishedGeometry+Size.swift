// What the configuration asks of a published layout. While no layout is published no value of the type exists, so nothing
// here is ever called.
extension PublishedGeometry {
    /// Number of modules, numbered from 0.
    public var moduleCount: Int { preconditionFailure("\(name) is no published layout") }

    /// Size of the image.
    ///
    /// - Parameter gapPixels: whether modules have two gap pixels between their chips.
    public func size(gapPixels: Bool) -> (width: Int, height: Int) { preconditionFailure("\(name) is no published layout") }
}
