/// A write session as others see it.
public struct SessionStatus: Sendable, Equatable {
    /// Number of the session, unique in its ``SessionWriter``.
    public let id: Int
    /// Its file.
    public let path: String
    /// What was asked for.
    public let request: WriteRequest
    /// How far it is, and why it ended.
    public let state: WriteSession.State
    /// What has become of its images.
    public let progress: WriteProgress
    /// Whether its file is closed; a failed session may still be closing it.
    public let isClosed: Bool
}
