extension PublishedGeometry {
    /// Columns and rows of the image that the layout makes; the document may then leave them out.
    ///
    /// - Returns: `nil` when the layout does not tell, so that the document must.
    func imageSize(gapPixels: Bool) -> (width: Int, height: Int)? { nil }
}
