package dev.portcullis.edge;

import static dev.portcullis.testing.Http2Frames.all;
import static dev.portcullis.testing.Http2Frames.headers;
import static dev.portcullis.testing.Http2Frames.setting;
import static dev.portcullis.testing.Http2Frames.window;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames whose writing is not done: the client does not read them. */
@ExtendWith(LeakCheck.class)
class Http2CodecsTest {
    /** SETTINGS_INITIAL_WINDOW_SIZE. */
    private static final int INITIAL = 4;

    /** GET over https, by HPACK's static table. */
    private static final byte[] GET = {(byte) 0x82, (byte) 0x87, (byte) 0x84};

    private final Unread unread = new Unread();
    private final Opened opened = new Opened();
    private EmbeddedChannel channel;

    @BeforeEach
    void open() {
        var limits = LimitsConfig.DEFAULTS;
        var rules =
                new ServedFrames.Rules(
                        new Http2ControlFrames(limits),
                        new Http2Resets(100),
                        new StreamHistory(100));
        channel = new EmbeddedChannel(unread, Http2Codecs.server(limits, rules, _ -> {}), opened);
        var preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        channel.writeInbound(Unpooled.wrappedBuffer(all(preface, setting(INITIAL, 5))));
        channel.writeInbound(Unpooled.wrappedBuffer(headers(1, true, GET)));
        answer();
    }

    @AfterEach
    void close() {
        List.copyOf(unread.promises).forEach(ChannelPromise::trySuccess);
        channel.finishAndReleaseAll();
    }

    @Test
    void whatTheWindowLets_goesOut() {
        assertThat(unread.types).endsWith(Http2Client.HEADERS, Http2Client.DATA);
        channel.writeInbound(Unpooled.wrappedBuffer(window(1, 5)));
        assertThat(unread.types).endsWith(Http2Client.DATA, Http2Client.DATA);
    }

    static List<byte[]> windows() {
        return List.of(setting(INITIAL, 1_000), window(1, 1_000));
    }

    /** RFC 9113 §5.1; what waited for a window goes, and another one opens none for it. */
    @ParameterizedTest
    @MethodSource("windows")
    void dataThatWaited_doesNotFollowAReset(byte[] window) {
        channel.writeAndFlush(
                new DefaultHttp2ResetFrame(Http2Error.CANCEL).stream(opened.stream()));
        assertThat(unread.types).endsWith(Http2Client.RST_STREAM);
        unread.types.clear();

        channel.writeInbound(Unpooled.wrappedBuffer(window));
        assertThat(unread.types).doesNotContain(Http2Client.DATA);
    }

    private void answer() {
        channel.write(
                new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200"))
                        .stream(opened.stream()));
        var body = channel.alloc().buffer().writeZero(100);
        channel.writeAndFlush(new DefaultHttp2DataFrame(body).stream(opened.stream()));
    }

    private static final class Unread extends ChannelOutboundHandlerAdapter {
        private final List<Integer> types = new ArrayList<>();
        private final List<ChannelPromise> promises = new ArrayList<>();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            var bytes = (ByteBuf) message;
            if (bytes.readableBytes() >= 9) { // Else the payload of the frame before it.
                types.add((int) bytes.getByte(bytes.readerIndex() + 3));
            }
            bytes.release();
            promises.add(promise);
        }
    }

    private static final class Opened extends ChannelInboundHandlerAdapter {
        private @Nullable Http2FrameStream stream;

        Http2FrameStream stream() {
            return Objects.requireNonNull(stream);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof Http2HeadersFrame head) {
                stream = head.stream();
            }
            ReferenceCountUtil.release(message);
        }
    }
}
