package dev.portcullis.edge;

import static dev.portcullis.testing.Http2Frames.all;
import static dev.portcullis.testing.Http2Frames.data;
import static dev.portcullis.testing.Http2Frames.headers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.metrics.Meters;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a client sends and does not end, where all together may hold no more than 10,000 bytes. */
@ExtendWith(LeakCheck.class)
class HalfSentTest {
    private static final int MAX = 10_000;
    private static final byte[] PREFACE =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final Meters meters = new Meters("test");
    private final HalfReceived half = new HalfReceived(MAX, 1, meters);
    private final EmbeddedChannel channel = new EmbeddedChannel();

    HalfSentTest() {
        channel.freezeTime();
        half.begin(channel);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        meters.close();
    }

    static List<byte[]> halves() {
        var block = Http2Client.bytes(Http2Client.HEADERS, 0, 1, new byte[6_000]);
        var more = Http2Client.bytes(Http2Client.CONTINUATION, 0, 1, new byte[6_000]);
        return List.of(
                all(block, more),
                Arrays.copyOf(headers(1, true, new byte[16_000]), 12_000),
                all(block, Arrays.copyOf(more, 5_000)),
                all(headers(1, false, new byte[4]), Arrays.copyOf(data(1, true, 16_000), 12_000)));
    }

    @ParameterizedTest
    @MethodSource("halves")
    void halfOverHttp2_counts(byte[] bytes) {
        http2();
        send(bytes);
        assertThat(channel.isActive()).isFalse();
    }

    @Test
    void wholeOverHttp2_countsNoMore() {
        http2();
        for (int i = 0; i < 5; i++) {
            send(headers(1 + 2 * i, false, new byte[6_000]));
            send(data(1 + 2 * i, true, 6_000));
        }
        assertThat(channel.isActive()).isTrue();
    }

    @Test
    void headsFrameThatDoesNotEnd_isCutInTime() {
        http2();
        send(Arrays.copyOf(headers(1, true, new byte[100]), 60));
        channel.advanceTimeBy(14, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isActive()).isTrue();
        channel.advanceTimeBy(1, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isActive()).isFalse();
    }

    @Test
    void headsFrameThatEndsInPieces_isNotCut() {
        http2();
        var frame = headers(1, true, new byte[100]);
        send(Arrays.copyOf(frame, 60));
        send(Arrays.copyOfRange(frame, 60, frame.length));
        channel.advanceTimeBy(1, TimeUnit.HOURS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isActive()).isTrue();
    }

    /** What a stream takes is given back between the turns of an event loop. */
    @Test
    void requestsOfOneRead_beginSixteenAtATime() {
        http2();
        var reads = new ArrayList<Integer>();
        channel.pipeline()
                .addLast(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext ctx, Object message) {
                                reads.add(((ByteBuf) message).readableBytes());
                                ctx.fireChannelRead(message);
                            }
                        });
        var many = new byte[40][];
        for (int i = 0; i < many.length; i++) {
            many[i] = headers(1 + 2 * i, true, new byte[1]);
        }
        send(all(all(many), data(1, true, 100)));
        int head = many[0].length;
        assertThat(reads).containsExactly(16 * head, 16 * head, 8 * head + 109);
    }

    @Test
    void halfAHeadOverHttp1_counts() {
        handle(new Http1Codec(LimitsConfig.DEFAULTS));
        send(("GET / HTTP/1.1\r\nX: " + "x".repeat(12_000)).getBytes(StandardCharsets.US_ASCII));
        assertThat(channel.isActive()).isFalse();
    }

    @Test
    void halfATlsRecord_counts() {
        handle(new RecordGuard());
        send(record(16_000, 16_000));
        send(record(16_000, 9_000));
        assertThat(channel.isActive()).isTrue();
        send(new byte[2_000]);
        assertThat(channel.isActive()).isFalse();
    }

    private static byte[] record(int announced, int sent) {
        var bytes = new byte[5 + sent];
        bytes[0] = 23;
        bytes[1] = 3;
        bytes[2] = 3;
        bytes[3] = (byte) (announced >> 8);
        bytes[4] = (byte) announced;
        return bytes;
    }

    private void http2() {
        var limits = LimitsConfig.DEFAULTS;
        handle(
                new Http2FrameGuard(
                        limits,
                        new Http2ControlFrames(limits),
                        new Http2Resets(100),
                        new StreamHistory(100)));
        send(PREFACE);
    }

    private void handle(ChannelHandler handler) {
        channel.pipeline().addLast(handler);
    }

    private void send(byte[] bytes) {
        channel.writeInbound(channel.alloc().buffer().writeBytes(bytes));
    }
}
