import Foundation
import Testing

extension IntegrationTests {
    /// Images of a run that another process shows.
    @Suite(.needsPython)
    struct RingStreamTests {
        private let folder: WorkFolder

        init() throws { folder = try WorkFolder() }

        @Test("Another process streams the images of a run, and ends with it")
        func stream() async throws {
            let address = "tcp://127.0.0.1:\(try Ports.take(1))"
            let ring = "stream-test-\(getpid())"
            let configuration = try folder.write(Documents.eiger(port: try Ports.take(4)), to: "eiger.json")
            let receiver = try await Daqctl.receive([
                "run", configuration, "--images", "40", "--json", "--set", "ring.shared=true", "--set", "ring.name=\(ring)",
            ])
            let streamer = try Daqctl.start(["stream", ring, "--format", "array-1.0", "--bind", address, "--json"])
            try await streamer.wait(for: "ready") { $0.standardOutput.contains(#""event":"ready""#) }
            let client = try RunningProgram(
                try #require(TestEnvironment.python),
                [
                    "-c",
                    """
                    import json, sys, zmq
                    socket = zmq.Context().socket(zmq.SUB)
                    socket.setsockopt(zmq.SUBSCRIBE, b"")
                    socket.setsockopt(zmq.RCVTIMEO, 60000)
                    socket.connect(sys.argv[1])
                    print("listening", flush=True)
                    frames = []
                    for _ in range(5):
                        head, pixels = socket.recv_multipart()
                        head = json.loads(head)
                        assert head["htype"] == "array-1.0" and len(pixels) == head["shape"][0] * head["shape"][1] * 2, head
                        frames.append(head["frame"])
                    assert frames == sorted(frames) and len(set(frames)) == 5, frames
                    print("done", flush=True)
                    """, address,
                ])
            try await client.wait(for: "listening") { $0.standardOutput.contains("listening") }
            try await Daqctl.send(["simulate", configuration, "--images", "40", "--rate", "10", "--patient"])
            let summary = try await Daqctl.summary(of: receiver)
            #expect(summary.lossless)
            #expect(try await client.exitCode(within: 60) == 0, "\(client.standardError)")
            #expect(try await streamer.exitCode(within: 60) == 0, "\(streamer.standardError)")
            #expect(streamer.standardOutput.contains(#""event":"summary""#))
        }

        @Test("A region of the images is the part of the whole ones that it names")
        func region() async throws {
            let addresses = try (0..<2).map { _ in "tcp://127.0.0.1:\(try Ports.take(1))" }
            let ring = "stream-test-\(getpid())-region"
            let configuration = try folder.write(Documents.eiger(port: try Ports.take(4)), to: "eiger.json")
            let receiver = try await Daqctl.receive([
                "run", configuration, "--images", "40", "--json", "--set", "ring.shared=true", "--set", "ring.name=\(ring)",
            ])
            let outside = try await Daqctl.run([
                "stream", ring, "--format", "array-1.0", "--bind", addresses[0], "--region", "0,0,1030,10",
            ])
            #expect(outside.code == 1 && outside.error.contains("does not lie in an image of 1030"), "\(outside.error)")
            let streamers = try [[], ["--region", "100,20,299,119"]].enumerated().map { index, more in
                try Daqctl.start(["stream", ring, "--format", "array-1.0", "--bind", addresses[index], "--json"] + more)
            }
            for streamer in streamers {
                try await streamer.wait(for: "ready") { $0.standardOutput.contains(#""event":"ready""#) }
            }
            let client = try RunningProgram(
                try #require(TestEnvironment.python),
                [
                    "-c",
                    """
                    import json, sys, numpy, zmq
                    context, sockets = zmq.Context(), []
                    for address in sys.argv[1:]:
                        socket = context.socket(zmq.SUB)
                        socket.setsockopt(zmq.SUBSCRIBE, b"")
                        socket.connect(address)
                        sockets.append(socket)
                    print("listening", flush=True)
                    images, compared = [{}, {}], 0
                    while compared < 5:
                        for socket, mine, others in zip(sockets, images, reversed(images)):
                            if not socket.poll(1000):
                                continue
                            head, pixels = socket.recv_multipart()
                            head = json.loads(head)
                            mine[head["frame"]] = (head, numpy.frombuffer(pixels, head["type"]).reshape(head["shape"]))
                            if head["frame"] in others:
                                (_, whole), (head, part) = images[0][head["frame"]], images[1][head["frame"]]
                                assert head["region"] == [100, 20, 299, 119], head
                                assert numpy.array_equal(part, whole[20:120, 100:300]), head
                                compared += 1
                    print("done", flush=True)
                    """,
                ] + addresses)
            try await client.wait(for: "listening") { $0.standardOutput.contains("listening") }
            try await Daqctl.send(["simulate", configuration, "--images", "40", "--rate", "10", "--patient"])
            #expect(try await Daqctl.summary(of: receiver).lossless)
            #expect(try await client.exitCode(within: 60) == 0, "\(client.standardError)")
            for streamer in streamers { #expect(try await streamer.exitCode(within: 60) == 0, "\(streamer.standardError)") }
        }
    }
}
