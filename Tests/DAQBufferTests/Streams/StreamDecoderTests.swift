import DAQCore
import Testing

@testable import DAQBuffer

@Suite("Headers of streamed images")
struct StreamDecoderTests {
    private let format = ImageFormat(width: 3, height: 2, pixelType: .uint16)

    /// Decodes a message of texts; the pixels are in no text.
    private func decode(_ decoder: some ImageMessageDecoder, _ parts: [[UInt8]]) throws(StreamRefusal) -> StreamedImage {
        var decoder = decoder
        let memory = parts.map { part in
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: part.count, alignment: 8)
            copy.copyBytes(from: part)
            return copy
        }
        defer { for part in memory { part.deallocate() } }
        return try decoder.decode(memory.map { UnsafeRawBufferPointer($0) })
    }

    private func array(_ header: String, pixels: [UInt8] = []) throws(StreamRefusal) -> StreamedImage {
        try decode(Array10Decoder(), [Array(header.utf8), pixels])
    }

    @Test("array-1.0 with everything")
    func array10() throws {
        let image = try array(
            #"{"htype":"array-1.0","shape":[2,3],"type":"uint16","frame":7,"pulse_id":70,"endianness":"big","more":[1,{}]}"#)
        #expect(image.id == 7 && image.pulseID == 70 && image.format == format && image.isBigEndian && image.payloadPart == 1)
    }

    @Test(
        "array-1.0 headers that are refused, each for its reason",
        arguments: [
            (#"{"shape":[2,3],"type":"uint16"}"#, StreamRefusal.Verdict.malformed(.header)),
            (#"{"shape":[2,3],"frame":1}"#, .malformed(.header)),
            (#"{"shape":"2,3","type":"uint16","frame":1}"#, .malformed(.header)),
            (#"{"shape":[2,3.5],"type":"uint16","frame":1}"#, .malformed(.header)),
            (#"{"shape":[2,-3],"type":"uint16","frame":1}"#, .malformed(.header)),
            (#"{"shape":[9223372036854775807,2],"type":"uint16","frame":1}"#, .malformed(.header)),
            (#"{"shape":[2,3],"type":"uint16","frame":-1}"#, .malformed(.header)),
            (#"{"shape":[2,3],"type":"uint16","frame":1"#, .malformed(.header)),
            ("[]", .malformed(.header)), ("", .malformed(.header)), ("\u{0}\u{1}", .malformed(.header)),
            (#"{"shape":[1,2,3],"type":"uint16","frame":1}"#, .foreign(.format)),
            (#"{"shape":[2,3],"type":"float64","frame":1}"#, .foreign(.format)),
            (#"{"shape":[2,3],"type":"O","frame":1}"#, .foreign(.format)),
            (#"{"htype":"dimage-1.0","shape":[2,3],"type":"uint16","frame":1}"#, .foreign(.stream)),
        ])
    func refusedArrays(header: String, verdict: StreamRefusal.Verdict) {
        let refusal = #expect(throws: StreamRefusal.self) { try array(header) }
        #expect(refusal?.verdict == verdict)
        #expect(refusal?.description.isEmpty == false)
    }

    @Test("Any other number of parts is refused")
    func parts() {
        let header = Array(#"{"shape":[2,3],"type":"uint16","frame":1}"#.utf8)
        #expect(throws: StreamRefusal.self) { try decode(Array10Decoder(), [header]) }
        #expect(throws: StreamRefusal.self) { try decode(Array10Decoder(), [header, [], []]) }
        #expect(throws: StreamRefusal.self) { try decode(BsreadDecoder(), [header]) }
    }

    private let main = #"{"htype":"bsr_m-1.1","pulse_id":99,"hash":"x","global_timestamp":{"sec":5,"ns":700}}"#

    private func bsread(
        _ channels: String, channel: String? = nil, main: String? = nil, values: [[UInt8]] = [[1], []]
    ) throws(StreamRefusal) -> StreamedImage {
        let header = #"{"htype":"bsr_d-1.1","channels":["# + channels + "]}"
        return try decode(BsreadDecoder(channel: channel), [Array((main ?? self.main).utf8), Array(header.utf8)] + values)
    }

    @Test("bsread: width comes first, the time is that of the channel or else the global one")
    func bsreadHeaders() throws {
        let channel = #"{"name":"CAM","type":"uint16","shape":[3,2]}"#
        let image = try bsread(channel)
        #expect(image.id == 99 && image.pulseID == 99 && image.format == format && image.timestamp == 50_000_007)
        let stamped = try bsread(channel, values: [[1], [2, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0, 0, 0, 0, 0]])
        #expect(stamped.timestamp == 20_000_001)
        let epoch = #"{"htype":"bsr_m-1.1","pulse_id":1,"global_timestamp":{"epoch":1,"ns":0}}"#
        #expect(try bsread(channel, main: epoch).timestamp == 10_000_000)
        let impossible = #"{"htype":"bsr_m-1.1","pulse_id":1,"global_timestamp":{"sec":18446744073709551615,"ns":0}}"#
        #expect(try bsread(channel, main: impossible).timestamp == 0)
    }

    @Test("bsread: the image is the named channel, or else the first with two dimensions")
    func channels() throws {
        let channels =
            #"{"name":"X"},{"name":"A","type":"uint8","shape":[2,2]},{"name":"B","type":"uint16","shape":[3,2],"encoding":"big"}"#
        let values: [[UInt8]] = [[0], [], [1], [], [2], []]
        #expect(try bsread(channels, values: values).payloadPart == 4)
        let image = try bsread(channels, channel: "B", values: values)
        #expect(image.payloadPart == 6 && image.isBigEndian && image.format == format)
        let refusal = #expect(throws: StreamRefusal.self) { try bsread(channels, channel: "C", values: values) }
        #expect(refusal?.verdict == .foreign(.channel))
        #expect(refusal?.description.contains("X, A, B") == true)
    }

    @Test(
        "bsread headers that are refused, each for its reason",
        arguments: [
            (#"{"name":"A","type":"uint16"}"#, StreamRefusal.Verdict.foreign(.channel)),
            (#"{"name":"A","type":"uint16","shape":[3,2],"compression":"gzip"}"#, .foreign(.encoding)),
            (#"{"name":"A","type":"uint64","shape":[3,2]}"#, .foreign(.format)),
            (#"{"name":"A","type":"uint16","shape":[0,2]}"#, .malformed(.header)),
            (#"{"name":"A","type":"uint16","shape":[3,2]},{"name":"B"}"#, .malformed(.parts)),
            (#"3"#, .malformed(.header)),
        ])
    func refusedChannels(channels: String, verdict: StreamRefusal.Verdict) {
        let refusal = #expect(throws: StreamRefusal.self) { try bsread(channels) }
        #expect(refusal?.verdict == verdict)
    }

    @Test("bsread: a message without a value for the image has no image")
    func noValue() {
        let refusal = #expect(throws: StreamRefusal.self) {
            try bsread(#"{"name":"A","type":"uint16","shape":[3,2]}"#, values: [[], []])
        }
        #expect(refusal?.verdict == .foreign(.channel))
    }

    @Test("bsread: another data header is read although the hash stays the same")
    func staleHash() throws {
        var decoder = BsreadDecoder()
        for width in [3, 4] {
            let parts = [
                Array(main.utf8),
                Array(#"{"htype":"bsr_d-1.1","channels":[{"name":"A","type":"uint16","shape":[\#(width),2]}]}"#.utf8), [1], [],
            ]
            let image = try parts[0].withUnsafeBytes { first in
                try parts[1].withUnsafeBytes { second in
                    try parts[2].withUnsafeBytes {
                        try decoder.decode([first, second, $0, UnsafeRawBufferPointer(start: nil, count: 0)])
                    }
                }
            }
            #expect(image.format.width == width)
        }
    }

    @Test("Pixels are taken as they are, turned around, or refused for their number")
    func payload() throws {
        var payload = StreamPayload()
        var image = StreamedImage(id: 1, format: ImageFormat(width: 2, height: 1, pixelType: .uint16), payloadPart: 1)
        let slot = UnsafeMutableRawBufferPointer.allocate(byteCount: 6, alignment: 8)
        defer { slot.deallocate() }
        slot.storeBytes(of: 0xEEEE, toByteOffset: 4, as: UInt16.self)
        let bytes: [UInt8] = [1, 2, 3, 4]
        try bytes.withUnsafeBytes { try payload.read($0, of: image, into: slot) }
        #expect(Array(slot) == [1, 2, 3, 4, 0xEE, 0xEE])
        image.isBigEndian = true
        try bytes.withUnsafeBytes { try payload.read($0, of: image, into: slot) }
        #expect(Array(slot) == [2, 1, 4, 3, 0xEE, 0xEE])
        var refusals: [StreamRefusal] = []
        for count in [0, 3, 5] {
            do {
                try Array(repeating: UInt8(0), count: count).withUnsafeBytes { try payload.read($0, of: image, into: slot) }
            } catch let refusal as StreamRefusal {
                refusals.append(refusal)
            }
        }
        #expect(refusals == [.length(0, expected: 4), .length(3, expected: 4), .length(5, expected: 4)])
    }
}
