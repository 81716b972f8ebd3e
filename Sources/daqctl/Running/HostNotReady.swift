/// Data cannot be taken on this host as it is; the findings have been shown.
struct HostNotReady: Error, Equatable, CustomStringConvertible {
    let problems: Int

    var description: String {
        "this host is not ready: \(problems) \(problems == 1 ? "problem prevents" : "problems prevent") data taking"
    }
}
