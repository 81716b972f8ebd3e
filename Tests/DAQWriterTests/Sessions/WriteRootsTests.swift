import DAQCore
import Glibc
import Testing

@testable import DAQWriter

@Suite struct WriteRootsTests {
    private let directory: TemporaryDirectory
    private let outside: TemporaryDirectory
    private let roots: WriteRoots

    init() throws {
        directory = try TemporaryDirectory()
        outside = try TemporaryDirectory()
        roots = try WriteRoots([directory.path])
    }

    private func refusal(_ name: String) -> WriteRefusal? {
        #expect(throws: WriteRefusal.self) { try roots.place(name, ownership: nil) }
    }

    @Test(arguments: [
        "../x.h5", "a/../../x.h5", "a/..", "/etc/x.h5", "/tmp/x.h5", "a/../x.h5", "/", "", ".", "a/", "x\0.h5",
    ])
    func namesThatLeadOutAreRefused(name: String) {
        _ = refusal(name)
        #expect(access(directory.file("a"), F_OK) != 0, "nothing was created")
    }

    @Test func aNameThatOnlyBeginsLikeTheRootIsOutside() {
        #expect(refusal("\(directory.path)x/y.h5")?.code == .outsideRoots)
        #expect(refusal("\(directory.path)/../y.h5")?.code == .outsideRoots)
    }

    @Test func linksThatLeadOutAreRefusedAndOthersAreFollowed() throws {
        #expect(symlink(outside.path, directory.file("out")) == 0)
        #expect(symlink("../../../../../../etc", directory.file("up")) == 0)
        #expect(symlink("/proc/self/root", directory.file("magic")) == 0)
        #expect(symlink("loop", directory.file("loop")) == 0)
        for name in ["out/x.h5", "up/x.h5", "magic/etc/x.h5", "loop/x.h5", "out/new/x.h5"] {
            #expect(refusal(name)?.code == .outsideRoots, "\(name)")
        }
        #expect(try Shell.run("/bin/ls", ["-A", outside.path]).output == "")
        #expect(mkdir(directory.file("real"), 0o755) == 0)
        #expect(symlink("real", directory.file("inside")) == 0)
        let place = try roots.place("inside/x.h5", ownership: nil)
        #expect(place.shownPath == "\(directory.path)/inside/x.h5")
    }

    @Test func theDirectoryThatWasFoundIsUsedWhateverItsNameMeansLater() throws {
        let place = try roots.place("run/x.h5", ownership: nil)
        #expect(rename(directory.file("run"), directory.file("moved")) == 0)
        #expect(symlink(outside.path, directory.file("run")) == 0)
        let writer = HDF5Writer(path: place.path)
        try writer.open(TestImages.run(SessionBench.format))
        try writer.close()
        #expect(access(directory.file("moved/x.h5"), F_OK) == 0)
        #expect(try Shell.run("/bin/ls", ["-A", outside.path]).output == "")
    }

    @Test(arguments: [
        "run.h5.new", "run_000001.h5.new", "run_000002.h5.new", "run_000001.h5.partial", "run_000002.h5.partial", "run.h5",
        "run_000001.h5",
    ])
    func filesAreNeverWrittenThroughLinks(name: String) throws {
        #expect(try Shell.run("/bin/sh", ["-c", "echo precious > \(outside.file("there"))"]).status == 0)
        for (round, target) in [outside.file("there"), outside.file("new")].enumerated() {
            let bench = try SessionBench(roots: roots)
            #expect(mkdir(directory.file("\(round)"), 0o755) == 0)
            #expect(symlink(target, directory.file("\(round)/\(name)")) == 0)
            var request = try bench.request("\(round)/run.h5", .images(5))
            request.options.imagesPerPart = 2
            request.ownership.permissions = 0o640
            if let id = try? bench.writer.start(request) {
                bench.send(1...5)
                // Where the link is in the way, it may be a failure, but not a success elsewhere.
                if try bench.end(of: id).state == .finished { try bench.expect(directory.file("\(round)/run.h5"), holds: 1...5) }
            }
            #expect(try Shell.run("/bin/ls", ["-A", outside.path]).output == "there\n")
            #expect(try Shell.run("/bin/cat", [outside.file("there")]).output == "precious\n")
            #expect(try Shell.run("/usr/bin/stat", ["-c", "%a", outside.file("there")]).output == "644\n")
        }
    }

    @Test func aLinkThatIsPutInTheWayOfALaterPartIsRemoved() throws {
        let bench = try SessionBench(roots: roots)
        var request = try bench.request("run.h5", .images(4))
        request.options.imagesPerPart = 2
        let id = try bench.writer.start(request)
        bench.send(1...1)
        _ = try bench.wait(for: id) { $0.progress.written == 1 }
        for name in ["run_000002.h5.new", "run.h5.new"] { #expect(symlink(outside.file("new"), directory.file(name)) == 0) }
        bench.send(2...4)
        #expect(try bench.end(of: id).state == .finished)
        try bench.expect(directory.file("run.h5"), holds: 1...4)
        #expect(try Shell.run("/bin/ls", ["-A", outside.path]).output == "")
    }

    @Test func ownerGroupAndPermissionsAreGivenToFilesAndNewDirectories() throws {
        guard geteuid() == 0 else {
            print("SKIPPED ownerGroupAndPermissions: only root can give files away")
            return
        }
        let bench = try SessionBench()
        var request = try bench.request("new/deep/x", .images(6))
        request.options.imagesPerPart = 2
        request.ownership.owner = "nobody"
        request.ownership.group = "nogroup"
        request.ownership.permissions = 0o640
        let id = try bench.writer.start(request)
        bench.send(1...6)
        #expect(try bench.end(of: id).state == .finished)
        let deep = bench.directory.file("new/deep")
        let result = try Shell.run("/bin/sh", ["-c", "stat -c '%U %G %a' \(deep) \(deep)/*"])
        #expect(
            result.output.split(separator: "\n").map(String.init) == ["nobody nogroup 750"]
                + Array(repeating: "nobody nogroup 640", count: 4), "\(result.output)")
    }

    @Test func ownersAndGroupsThatDoNotExistAreRefused() throws {
        let bench = try SessionBench()
        for change in [{ $0.owner = "no-such-user" }, { $0.group = "no-such-group" }] as [(inout FileOwnership) -> Void] {
            var request = try bench.request("x")
            change(&request.ownership)
            let refusal = #expect(throws: WriteRefusal.self) { try bench.writer.start(request) }
            #expect(refusal?.code == .ownership)
            #expect(refusal?.description.contains("no-such") == true)
        }
    }
}
