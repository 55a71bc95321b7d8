package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.Reason;
import dev.portcullis.config.LimitsConfig;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.Fields;
import dev.portcullis.http.Refusal;
import dev.portcullis.http.ResponseHead;
import dev.portcullis.metrics.Meters;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How long the codecs wait for a body, by the defaults: 30 s, and 512 bytes a second. */
@ExtendWith(LeakCheck.class)
class SlowBodyTest {
    enum Protocol {
        HTTP1,
        HTTP2
    }

    private static final Refusal LATE = new Refusal(408, Reason.BODY_TIMEOUT);

    private final Meters meters = new Meters("test");
    private EmbeddedChannel channel;
    private Protocol protocol;

    @BeforeEach
    void channel() {
        channel = new EmbeddedChannel();
        channel.config().setAutoRead(false);
        channel.freezeTime();
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        meters.close();
    }

    @ParameterizedTest
    @EnumSource
    void drip_isLate(Protocol spoken) throws Http2Exception {
        begin(spoken, 100_000);
        int bytes = 0;
        for (Object came = null; came == null && bytes < 100; bytes++) {
            channel.read();
            pass(4);
            came = channel.readInbound();
            if (came == null) {
                body("x", false);
                ReferenceCountUtil.release(channel.readInbound());
            } else {
                assertThat(came).isEqualTo(LATE);
            }
        }
        assertThat(bytes).isEqualTo(8);
    }

    @ParameterizedTest
    @EnumSource
    void fastEnough_isWhole(Protocol spoken) throws Http2Exception {
        begin(spoken, 100 * 5200);
        for (int i = 1; i <= 100; i++) {
            channel.read();
            pass(10);
            body("x".repeat(5200), i == 100);
            ReferenceCountUtil.release(channel.readInbound());
        }
        channel.read();
        assertThat(channel.<Object>readInbound()).isEqualTo(BodyEnd.END);
    }

    @ParameterizedTest
    @EnumSource
    void bodyThatNobodyTakes_isNotBlamed(Protocol spoken) throws Http2Exception {
        begin(spoken, 1000);
        for (int i = 0; i < 50; i++) {
            channel.read();
            pass(0);
            body("x", false);
            ReferenceCountUtil.release(channel.readInbound());
            pass(1000); // The Gateway has no room.
        }
        assertThat(channel.<Object>readInbound()).isNull();
        channel.read();
        pass(29);
        assertThat(channel.<Object>readInbound()).isNull();
        pass(1);
        assertThat(channel.<Object>readInbound()).isEqualTo(LATE);
    }

    @ParameterizedTest
    @EnumSource
    void roomForTheAnswerAgain_doesNotForgetTheBody(Protocol spoken) throws Http2Exception {
        begin(spoken, 1000);
        channel.read();
        channel.writeOutbound(new ResponseHead(200, Fields.NONE, 100));
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
        channel.runPendingTasks();
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
        channel.runPendingTasks();
        pass(30);
        assertThat(channel.<Object>readInbound()).isEqualTo(LATE);
    }

    private void begin(Protocol spoken, int length) throws Http2Exception {
        protocol = spoken;
        var limits = LimitsConfig.DEFAULTS;
        if (protocol == Protocol.HTTP1) {
            channel.pipeline().addLast(new Http1Codec(limits));
            channel.writeInbound(
                    text("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + length + "\r\n\r\n"));
        } else {
            var connection =
                    new Http2Connection(
                            limits,
                            meters,
                            () -> {
                                throw new AssertionError("not asked");
                            },
                            new Http2Turns(new Http2Resets(1)),
                            new Http2Unread());
            channel.pipeline().addLast(new Http2StreamCodec(limits, connection));
            var head =
                    List.of(
                            ":method",
                            "PUT",
                            ":scheme",
                            "https",
                            ":authority",
                            "a",
                            ":path",
                            "/",
                            "content-length",
                            "" + length);
            var fields =
                    FieldList.decoder(1 << 16, 1 << 16, _ -> {})
                            .decodeHeaders(1, Unpooled.wrappedBuffer(Http2Client.block(head)));
            channel.writeInbound(new DefaultHttp2HeadersFrame(fields, false));
        }
        assertThat(channel.<Object>readInbound()).isNotNull();
    }

    private void body(String bytes, boolean last) {
        channel.writeInbound(
                protocol == Protocol.HTTP1
                        ? text(bytes)
                        : new DefaultHttp2DataFrame(text(bytes), last));
    }

    private static io.netty.buffer.ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private void pass(long seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }
}
