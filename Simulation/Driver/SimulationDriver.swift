import DAQSimulation
import Glibc

/// Runs simulations for a while, or one seed again.
///
///     daq-simulation run SECONDS [FIRST-SEED]
///     daq-simulation seed SEED
///
/// Exit code 0 when everything held, 1 when something did not.
@main
enum SimulationDriver {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        switch words.first {
        case "run" where words.count == 2 || words.count == 3:
            guard let seconds = Double(words[1]), let first = UInt64(words.count == 3 ? words[2] : "1") else { fail() }
            run(seconds: seconds, from: first)
        case "seed" where words.count == 2:
            guard let seed = UInt64(words[1]) else { fail() }
            show(seed)
        default: fail()
        }
    }

    private static func run(seconds: Double, from first: UInt64) {
        CrashNotice.install()
        let start = ContinuousClock.now
        var (seed, packets, images) = (first, UInt64(0), UInt64(0))
        while ContinuousClock.now - start < .seconds(seconds) {
            CrashNotice.begin(seed)
            do {
                let report = try Simulation.run(seed: seed)
                packets += report.packets
                images += report.images
            } catch {
                print("seed \(seed): \(error)\nrepeat it with: \(CommandLine.arguments[0]) seed \(seed)")
                exit(1)
            }
            seed += 1
        }
        let took = (ContinuousClock.now - start) / Duration.seconds(1)
        print("seeds \(first) to \(seed - 1): \(packets) packets and \(images) images in \(rounded(took)) s,")
        let used = Double(clock()) / Double(CLOCKS_PER_SEC)
        print("\(rounded(Double(packets) / used / 1e6)) million packets a second of processor time; everything held")
    }

    private static func show(_ seed: UInt64) {
        CrashNotice.install()
        CrashNotice.begin(seed)
        print(Simulation.describe(seed: seed))
        do {
            let report = try Simulation.run(seed: seed)
            print(
                "\(report.packets) packets, \(report.images) images, digest \(String(report.digest, radix: 16)); everything held")
        } catch {
            print("seed \(seed): \(error)")
            exit(1)
        }
    }

    private static func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }

    private static func fail() -> Never {
        let usage = Array("usage: daq-simulation run SECONDS [FIRST-SEED] | seed SEED\n".utf8)
        _ = write(STDERR_FILENO, usage, usage.count)
        exit(2)
    }
}
