// Writes images of a known pattern until it is done or killed, and says after each what is flushed.
//
// Usage: daq-crashing-writer FILE safe|swmr IMAGES IMAGES_PER_PART KILL_AT_CALL MICROSECONDS [direct] [FORMAT]
// Output: "flushed N" when it changes, in the end "calls N". IMAGES_PER_PART and KILL_AT_CALL may be 0 for none.
import CDAQFaults
import DAQCore
import DAQWriter
import Glibc

let words = CommandLine.arguments
guard words.count >= 7, let mode = FileMode(rawValue: words[2]), let images = Int(words[3]), let part = Int(words[4]),
    let call = Int64(words[5]), let pause = UInt32(words[6])
else {
    print("wrong arguments")
    exit(2)
}
var options = FileOptions()
options.mode = mode
options.imagesPerPart = part == 0 ? nil : part
options.bypassesPageCache = words.contains("direct")
if let format = words.last.flatMap({ FileFormat(rawValue: $0) }) { options.format = format }
/// Writes at once, so that everything said before the end is heard.
func say(_ text: String) {
    let line = Array((text + "\n").utf8)
    _ = write(1, line, line.count)
}

let format = ImageFormat(width: 128, height: 96, pixelType: .uint32)
let configuration = DetectorConfiguration(
    name: "test-detector", type: .eiger, moduleCount: 4, bitDepth: 32, imageWidth: format.width, imageHeight: format.height,
    startUDPPort: 50000, modulePositions: [:])
let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: format.bytes, alignment: 4096)
let pixels = memory.bindMemory(to: UInt32.self)

let writer = HDF5Writer(path: words[1], options: options)
cdaq_faults_arm(call)
try writer.open(RunDescription(configuration: configuration, format: format))
var reported = 0
for number in 0..<images {
    for index in pixels.indices { pixels[index] = UInt32(1000 * number + index) }
    var metadata = ImageMetadata(id: UInt64(100 + number))
    metadata.pulseID = UInt64(5000 + number)
    metadata.annotations = [Annotation("hits", .integer(Int64(number))), Annotation("remark", .text("image \(number)"))]
    if number % 7 == 3 {
        metadata.status = .missingPackets
        metadata.missing = [MissingPackets(port: 1, packets: PacketSet(number..<number + 2))]
    }
    try writer.accept(metadata, chunk: UnsafeRawBufferPointer(memory))
    let flushed = writer.written.flushed
    if flushed != reported {
        say("flushed \(flushed)")
        reported = flushed
    }
    if pause > 0 { usleep(pause) }
}
try writer.close()
say("flushed \(writer.written.flushed)")
say("calls \(cdaq_faults_calls())")
