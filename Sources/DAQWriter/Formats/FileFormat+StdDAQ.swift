import DAQCore

extension FileFormat {
    /// The datasets of the std-daq writer; each image is a chunk of its own, where that writer fills chunks of 16 MiB.
    static func stdDAQNodes(_ contents: FileContents) -> [FileNode] {
        [
            FileNode(
                name: AnnotationColumns.datasetName(contents.configuration.name),
                content: .group([
                    FileNode(name: "data", content: .images), FileNode(name: "metadata", content: .stdDAQMetadata),
                ]))
        ]
    }
}
