// swift-tools-version: 6.2
import PackageDescription

// Dependencies point downwards only: daqctl → DAQWriter, DAQBuffer, DAQSimulator → DAQCore → C helpers.
// DAQWriter and DAQBuffer do not know each other; they meet in protocols that DAQCore declares.

let package = Package(
    name: "swift-daq",
    products: [
        .library(name: "DAQCore", targets: ["DAQCore"]),
        .library(name: "DAQCompression", targets: ["DAQCompression"]),
        .library(name: "DAQBuffer", targets: ["DAQBuffer"]),
        .library(name: "DAQWriter", targets: ["DAQWriter"]),
        .library(name: "DAQSimulator", targets: ["DAQSimulator"]),
        .executable(name: "daqctl", targets: ["daqctl"]),
    ],
    traits: [
        .trait(name: "Compression", description: "Compressed images in files and streams (needs liblz4-dev, libzstd-dev)."),
        .trait(name: "Control", description: "Control interface over HTTP (needs libmicrohttpd-dev, libsqlite3-dev)."),
        .trait(name: "AMQP", description: "Write requests and status over RabbitMQ (needs librabbitmq-dev)."),
        .trait(name: "Kafka", description: "Alert streams as a source (needs librdkafka-dev)."),
        .trait(name: "Avro", description: "Avro packets of alert streams (needs libavro-dev)."),
        .trait(name: "PostgreSQL", description: "A facility catalogue in PostgreSQL (needs libpq-dev)."),
        .default(enabledTraits: []),
    ],
    targets: [
        // System libraries and C helpers.
        .systemLibrary(name: "CDAQZMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CDAQHDF5", pkgConfig: "hdf5-serial", providers: [.apt(["libhdf5-dev"])]),
        // zlib comes with libhdf5-dev, which depends on it.
        .systemLibrary(name: "CDAQZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CDAQLZ4", providers: [.apt(["liblz4-dev"])]),
        .systemLibrary(name: "CDAQZstd", providers: [.apt(["libzstd-dev"])]),
        .target(name: "CDAQLinux", cSettings: [.define("_GNU_SOURCE")]),
        // The only unsafe flag of the package: SwiftPM builds C at -O0 in debug, where no pixel loop keeps up with a detector.
        .target(name: "CDAQKernels", cSettings: [.unsafeFlags(["-O3"])]),

        // Libraries, in the way of the data.
        .target(
            name: "DAQCore", dependencies: ["CDAQLinux", "CDAQKernels"], linkerSettings: [.linkedLibrary("m")]),
        // Empty without the trait Compression.
        .target(
            name: "DAQCompression",
            dependencies: [
                "DAQCore", "CDAQKernels", .target(name: "CDAQLZ4", condition: .when(traits: ["Compression"])),
                .target(name: "CDAQZstd", condition: .when(traits: ["Compression"])),
            ]),
        .target(name: "DAQBuffer", dependencies: ["DAQCore", "DAQCompression", "CDAQKernels", "CDAQLinux", "CDAQZMQ"]),
        .target(name: "DAQWriter", dependencies: ["DAQCore", "DAQCompression", "CDAQLinux", "CDAQHDF5", "CDAQZlib"]),
        .target(name: "DAQSimulator", dependencies: ["DAQCore", "CDAQLinux"]),
        .executableTarget(name: "daqctl", dependencies: ["DAQCore", "DAQBuffer", "DAQWriter", "DAQSimulator"]),

        // Complete programs that show how the library is used; built and run by the tests.
        .executableTarget(
            name: "CustomBeamline", dependencies: ["DAQCore", "DAQBuffer", "DAQWriter"], path: "Examples/CustomBeamline"),

        // Generators of reference data and a digest, in C because debug builds of Swift would take minutes for them.
        .target(name: "CDAQTestSupport", path: "Tests/CDAQTestSupport"),
        // A writer that is killed at a chosen call of the system.
        .target(name: "CDAQFaults", path: "Tests/CDAQFaults"),
        .executableTarget(
            name: "daq-crashing-writer", dependencies: ["DAQCore", "DAQWriter", "CDAQFaults"], path: "Tests/CrashingWriter"),
        // Every statement about speed, with its roofline measured in the same run.
        .target(name: "CDAQBench", path: "Benchmarks/CDAQBench", cSettings: [.define("_GNU_SOURCE")]),
        .executableTarget(
            name: "daq-bench",
            dependencies: ["DAQCore", "DAQCompression", "DAQBuffer", "DAQWriter", "DAQSimulator", "CDAQBench"],
            path: "Benchmarks/Benchmarks"),

        // What must hold for any bytes from outside, and the program that looks for bytes for which it does not.
        .target(name: "DAQFuzzing", dependencies: ["DAQCore", "DAQBuffer", "DAQCompression"], path: "Fuzz/Targets"),
        .executableTarget(name: "daq-fuzz", dependencies: ["DAQFuzzing"], path: "Fuzz/Driver"),

        // A simulated world around the whole pipeline, with everything that must hold in it, and the program that runs it.
        .target(name: "DAQSimulation", dependencies: ["DAQCore", "DAQBuffer", "DAQSimulator"], path: "Simulation/World"),
        .executableTarget(name: "daq-simulation", dependencies: ["DAQSimulation"], path: "Simulation/Driver"),

        .testTarget(
            name: "DAQCoreTests", dependencies: ["DAQCore", "DAQBuffer", "DAQSimulator", "CDAQKernels", "CDAQTestSupport"]),
        // One process of a storm on a ring: it fills, reads or leases as fast as it can, until it is told or killed.
        .executableTarget(
            name: "daq-ring-storm", dependencies: ["DAQCore", "DAQBuffer", "CDAQTestSupport"], path: "Tests/RingStorm"),
        .testTarget(name: "DAQCompressionTests", dependencies: ["DAQCompression", "DAQCore", "DAQSimulator", "CDAQKernels"]),
        .testTarget(name: "FuzzTests", dependencies: ["DAQFuzzing"]),
        .testTarget(name: "SimulationTests", dependencies: ["DAQSimulation", "DAQCore"]),
        .testTarget(name: "DAQBufferTests", dependencies: ["DAQBuffer", "DAQSimulator", "daq-ring-storm", "CDAQTestSupport"]),
        .testTarget(
            name: "DAQWriterTests",
            dependencies: [
                "DAQWriter", "DAQBuffer", "DAQCompression", "DAQSimulator", "DAQFuzzing", "CDAQZlib", "daqctl",
                "daq-crashing-writer",
            ]),
        .testTarget(name: "DAQSimulatorTests", dependencies: ["DAQSimulator", "DAQCore"]),
        .testTarget(
            name: "daqctlTests", dependencies: ["daqctl", "DAQCore", "DAQBuffer", "DAQWriter", "DAQFuzzing"],
            exclude: ["Snapshots"]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["DAQCore", "DAQBuffer", "DAQWriter", "DAQSimulator", "daqctl", "CustomBeamline"]),
    ],
    swiftLanguageModes: [.v6]
)

for target in package.targets where ![.system, .plugin, .binary].contains(target.type) && !target.name.hasPrefix("CDAQ") {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
        ]
}
