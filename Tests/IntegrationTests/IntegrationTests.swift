import Testing

/// Tests that start the real program and send real UDP packets on loopback, one at a time.
@Suite(.serialized, .timeLimit(.minutes(3)))
enum IntegrationTests {}
