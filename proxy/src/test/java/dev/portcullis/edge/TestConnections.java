package dev.portcullis.edge;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.metrics.Meters;

/** HTTP/2 connections that nobody is behind, for tests of one stream. */
final class TestConnections {
    private TestConnections() {}

    static Http2Connection http2(Meters meters) {
        return new Http2Connection(
                LimitsConfig.DEFAULTS,
                meters,
                () -> {
                    throw new AssertionError("not asked");
                },
                new Http2Turns(new Http2Resets(1)),
                new Http2Unread());
    }
}
