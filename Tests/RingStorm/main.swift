import CDAQTestSupport
import Glibc

// daq-ring-storm ROLE RING [KEY=NUMBER]...
cdaq_test_line_buffered()
guard let options = StormOptions(Array(CommandLine.arguments.dropFirst())) else {
    print("usage: daq-ring-storm write|read|follow|lease RING [KEY=NUMBER]...")
    exit(2)
}
do {
    switch options.role {
    case "write": try Writing(options: options).run()
    case "read": try Reading(options: options).readAtRandom()
    case "follow": try Reading(options: options).follow()
    case "lease": try Reading(options: options).lease()
    default: exit(2)
    }
} catch {
    print("error: \(error)")
    exit(1)
}
