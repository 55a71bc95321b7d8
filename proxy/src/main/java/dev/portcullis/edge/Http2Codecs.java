package dev.portcullis.edge;

import dev.portcullis.config.LimitsConfig;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersEncoder.SensitivityDetector;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import java.util.function.LongConsumer;

/**
 * Makes Netty's HTTP/2 frame codec for one connection: frames, HPACK and flow control are its work,
 * what a field list means is ours. Every bound it has is set here.
 */
final class Http2Codecs extends Http2FrameCodecBuilder {
    /** Small CONTINUATION frames of one field list (CVE-2026-33871). */
    private static final int SMALL_CONTINUATIONS_MAX = 8;

    /** Empty DATA frames in a row that do not end a stream. */
    private static final int EMPTY_DATA_MAX = 2;

    private final LimitsConfig limits;

    private Http2Codecs(LimitsConfig limits) {
        this.limits = limits;
        decoderEnforceMaxConsecutiveEmptyDataFrames(EMPTY_DATA_MAX);
        decoderEnforceMaxRstFramesPerWindow(0, 0); // Counted with our own, in Http2Resets.
        gracefulShutdownTimeoutMillis(0); // Streams are let end by Http2Connection.
        initialSettings(settings(limits));
    }

    /**
     * The codec, its resets counted, its frames read by those rules.
     *
     * @param decoded is told the bytes of each field list (RFC 7541 §4.1)
     */
    static Http2FrameCodec server(
            LimitsConfig limits, ServedFrames.Rules rules, LongConsumer decoded) {
        return new Http2Codecs(limits).build(rules, decoded);
    }

    private static Http2Settings settings(LimitsConfig limits) {
        return new Http2Settings()
                .maxConcurrentStreams(limits.http2Streams())
                .initialWindowSize(limits.http2Window())
                .maxHeaderListSize(listBytes(limits))
                .connectProtocolEnabled(true); // RFC 8441 §3.
    }

    private static long listBytes(LimitsConfig limits) {
        return limits.head() + (long) FieldList.FIELD_OVERHEAD * limits.fields();
    }

    /**
     * Bytes of a field list as it is packed. Three times what is announced, so that a head that is
     * too long is still told so; beyond that the connection ends.
     */
    static long blockBytes(LimitsConfig limits) {
        return 3 * listBytes(limits);
    }

    private Http2FrameCodec build(ServedFrames.Rules rules, LongConsumer decoded) {
        var connection = new DefaultHttp2Connection(true);
        connection.remote().flowController(inTurn(connection));
        var encoder =
                rules.resets()
                        .counting(
                                new DefaultHttp2ConnectionEncoder(
                                        connection,
                                        new Http2FrameOutput(connection, sensitivity())),
                                rules.history());
        var reader =
                new DefaultHttp2FrameReader(
                        FieldList.decoder(listBytes(limits), blockBytes(limits), decoded),
                        SMALL_CONTINUATIONS_MAX);
        var decoder =
                new DefaultHttp2ConnectionDecoder(
                        connection,
                        encoder,
                        new ServedFrames(reader, connection, rules),
                        Http2PromisedRequestVerifier.ALWAYS_VERIFY,
                        true,
                        true,
                        false); // Our gate validates, on all that came; see FieldList.
        codec(decoder, encoder);
        return build();
    }

    /** Streams share a connection evenly: priorities are deprecated (RFC 9113 §5.3.2), and cost. */
    private static Http2RemoteFlowController inTurn(DefaultHttp2Connection connection) {
        return new DefaultHttp2RemoteFlowController(
                connection, new UniformStreamByteDistributor(connection));
    }

    /** A cookie of ours is never kept in a table that a guess could be compared with. */
    private static SensitivityDetector sensitivity() {
        return (name, _) -> name.toString().equals("set-cookie");
    }
}
