package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.metrics.Meters;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.LeakCheck;
import dev.portcullis.testing.RefusingAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where memory is refused for what a client sent, its bodies must not look whole without it. */
@ExtendWith(LeakCheck.class)
class Http2LossTest {
    private static final LimitsConfig LIMITS = LimitsConfig.DEFAULTS;

    /** Of a channel without a parent Netty takes the first one for an upgrade. */
    private static final int STREAM = 3;

    private static final byte[] POST =
            Http2Client.block(
                    List.of(
                            ":method",
                            "POST",
                            ":scheme",
                            "https",
                            ":authority",
                            "a",
                            ":path",
                            "/"));

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<Channel> streams = new ArrayList<>();
    private final List<String> bodies = new ArrayList<>();
    private IntPredicate refused = _ -> false;

    @BeforeEach
    void open() {
        channel.config().setAllocator(new RefusingAllocator(size -> refused.test(size)));
        var meters = new Meters("test");
        var control = new Http2ControlFrames(LIMITS);
        var resets = new Http2Resets(LIMITS.http2Resets());
        var history = new StreamHistory(LIMITS.http2Resets());
        var turns = new Http2Turns(resets);
        var unread = new Http2Unread();
        var connection = new Http2Connection(LIMITS, meters, () -> null, turns, unread);
        var served = new ServedFrames.Rules(control, resets, history);
        channel.pipeline()
                .addLast(new Http2FrameGuard(LIMITS, control, resets, history))
                .addLast(Http2Codecs.server(LIMITS, served, _ -> {}))
                .addLast(unread)
                .addLast(turns)
                .addLast(
                        new Http2MultiplexHandler(
                                new Http2Streams(stream -> {
                                    streams.add(stream);
                                    connection.opened(stream);
                                    stream.pipeline().addLast(new Bodies());
                                })))
                .addLast(connection)
                .addLast(new TailHandler(meters));
        var begin = new ByteArrayOutputStream();
        begin.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        begin.writeBytes(Http2Client.bytes(Http2Client.SETTINGS, 0, 0, new byte[0]));
        begin.writeBytes(
                Http2Client.bytes(Http2Client.HEADERS, Http2Client.END_HEADERS, STREAM, POST));
        channel.writeInbound(Unpooled.wrappedBuffer(begin.toByteArray()));
        assertThat(streams).hasSize(1);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void bodyThatNothingIsRefusedFor_isWhole() {
        send(data("one", false), data("three", true));
        assertThat(bodies).containsExactly("one", "three.");
    }

    /** Short frames behind one that is not known to be read are joined, or copied. */
    @Test
    void frameThatCannotBeJoined_isTheLast() {
        refused = size -> size == "three".length();
        send(data("one", false), data("three", false), data("x".repeat(5_000), true));
        assertThat(bodies).noneMatch(body -> body.endsWith("."));
    }

    /** Of what has begun the rest comes in pieces, and the codec puts them together. */
    @Test
    void pieceThatTheCodecCannotTake_isTheLast() {
        byte[] frame = data("a".repeat(2_000), false);
        channel.writeInbound(Unpooled.copiedBuffer(frame, 0, 1_000));
        refused = size -> size > 1_000;
        channel.pipeline().fireChannelRead(Unpooled.copiedBuffer(frame, 1_000, 500));
        refused = _ -> false;
        var rest = new ByteArrayOutputStream();
        rest.write(frame, 1_500, frame.length - 1_500);
        rest.writeBytes(new byte[500 + 1_000]); // What the frame under way would take instead.
        rest.writeBytes(data("forged", true));
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(rest.toByteArray()));
        channel.pipeline().fireChannelReadComplete();
        assertThat(bodies).isEmpty();
    }

    /** In one read. */
    private void send(byte[]... frames) {
        var all = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            all.writeBytes(frame);
        }
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(all.toByteArray()));
        channel.pipeline().fireChannelReadComplete();
    }

    private static byte[] data(String body, boolean end) {
        int flags = end ? Http2Client.END_STREAM : 0;
        var bytes = body.getBytes(StandardCharsets.US_ASCII);
        return Http2Client.bytes(Http2Client.DATA, flags, STREAM, bytes);
    }

    /** Writes down what a stream reads, with a full stop at its end. */
    private final class Bodies extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.read();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2DataFrame frame) {
                var bytes = frame.content().toString(StandardCharsets.US_ASCII);
                bodies.add(frame.isEndStream() ? bytes + "." : bytes);
            }
            ReferenceCountUtil.release(message);
            ctx.read();
        }
    }
}
