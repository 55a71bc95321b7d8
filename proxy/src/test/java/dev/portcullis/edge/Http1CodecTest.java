package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.Fields;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.ResponseHead;
import dev.portcullis.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the codec does when a client does not keep its side of the bargain. */
@ExtendWith(LeakCheck.class)
class Http1CodecTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private final Answering gate = new Answering();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new Http1Codec(LimitsConfig.DEFAULTS), gate);

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        answered.finishAndReleaseAll();
    }

    @Test
    void clientThatAsksAndDoesNotRead_getsNoFurtherAnswer() {
        writable(false);
        receive(GET.repeat(100));
        assertThat(gate.requests).isZero();

        writable(true);
        assertThat(gate.requests).isEqualTo(100);
        assertThat(sent().split("HTTP/1.1 204", -1)).hasSize(101);
    }

    @Test
    void clientThatAsksAndNeverReads_isCut() {
        writable(false);
        receive(GET);
        channel.advanceTimeBy(LimitsConfig.DEFAULTS.answerIdle().toMillis(), TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void restOfAnAnsweredBodyStaysAway_oneAnswerAndTheEnd() {
        receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
        channel.advanceTimeBy(2, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
        assertThat(sent()).startsWith("HTTP/1.1 204").doesNotContain("408");
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void requestThatComesWhileALateOnesCloseIsUnderWay_doesNotBegin() {
        channel.pipeline().addFirst(new NeverClosing());
        receive(GET);
        channel.advanceTimeBy(LimitsConfig.DEFAULTS.keepAlive().toMillis(), TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        receive(GET);
        assertThat(gate.requests).isEqualTo(1);
    }

    @Test
    void requestThatIsThereAlready_doesNotBeginWhileACloseIsUnderWay() {
        var writer = asked();
        answered.pipeline().addFirst(new NeverClosing());
        answered.writeInbound(text(GET));
        writer.write(head(204, 0));
        writer.write(BodyEnd.END);
        writer.close();
        writer.flush();
        answered.runPendingTasks();
        assertThat(answered.inboundMessages()).isEmpty();
    }

    @Test
    void lastAnswerThatIsNeverRead_isCut() {
        channel.pipeline().addFirst(new NeverWriting());
        receive("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assertThat(gate.requests).isEqualTo(1);
        channel.advanceTimeBy(LimitsConfig.DEFAULTS.answerIdle().toMillis(), TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void smallBody_goesOutInOnePieceWithItsHead() {
        var writer = asked();
        writer.write(head(200, 4));
        writer.write(text("body"));
        writer.writeAndFlush(BodyEnd.END);
        answered.runPendingTasks();
        assertThat(pieces()).containsExactly("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody");
    }

    @Test
    void smallBodyInTwoPieces_isWhole() {
        var writer = asked();
        writer.write(head(200, 8));
        writer.write(text("body"));
        writer.write(text("more"));
        writer.writeAndFlush(BodyEnd.END);
        answered.runPendingTasks();
        assertThat(String.join("", pieces())).endsWith("content-length: 8\r\n\r\nbodymore");
    }

    @Test
    void headThatIsFlushedBeforeItsBody_doesNotWaitForIt() {
        var writer = asked();
        writer.writeAndFlush(head(200, 4));
        answered.runPendingTasks();
        assertThat(pieces()).containsExactly("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n");
        writer.write(text("body"));
        writer.writeAndFlush(BodyEnd.END);
        answered.runPendingTasks();
        assertThat(pieces()).containsExactly("body");
    }

    @Test
    void whatWasFlushed_isOutBeforeTheConnectionCloses() {
        var writer = asked();
        writer.write(head(200, 4));
        writer.write(text("bo"));
        writer.flush();
        writer.close(); // In the same turn.
        assertThat(String.join("", pieces())).endsWith("content-length: 4\r\n\r\nbo");
    }

    @Test
    void headThatWaitsForABodyThatNeverComes_isReleased() {
        asked().write(head(200, 4));
        answered.pipeline().removeFirst(); // And the leak check sees nothing.
        assertThat(pieces()).isEmpty();
    }

    private final EmbeddedChannel answered =
            new EmbeddedChannel(
                    new Http1Codec(LimitsConfig.DEFAULTS), new ChannelInboundHandlerAdapter());

    /** Where the answer to one request may be written. */
    private ChannelHandlerContext asked() {
        answered.writeInbound(text(GET));
        answered.releaseInbound();
        return answered.pipeline().lastContext();
    }

    private static ResponseHead head(int status, long length) {
        return new ResponseHead(status, Fields.NONE, length);
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    private List<String> pieces() {
        var pieces = new ArrayList<String>();
        for (ByteBuf piece = answered.readOutbound();
                piece != null;
                piece = answered.readOutbound()) {
            pieces.add(piece.toString(StandardCharsets.ISO_8859_1));
            piece.release();
        }
        return pieces;
    }

    private void receive(String bytes) {
        channel.writeInbound(
                ByteBufUtil.encodeString(
                        channel.alloc(),
                        java.nio.CharBuffer.wrap(bytes),
                        StandardCharsets.ISO_8859_1));
    }

    private String sent() {
        var text = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            text.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return text.toString();
    }

    private void writable(boolean isWritable) {
        channel.unsafe().outboundBuffer().setUserDefinedWritability(1, isWritable);
        channel.runPendingTasks();
    }

    /** A client whose window is full. */
    private static final class NeverWriting extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
        }
    }

    /** TLS says goodbye first, which can take a while. */
    private static final class NeverClosing extends ChannelOutboundHandlerAdapter {
        @Override
        public void close(ChannelHandlerContext ctx, ChannelPromise promise) {}
    }

    /** Answers every head at once, and wants no body. */
    private static final class Answering extends ChannelInboundHandlerAdapter {
        int requests;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof RequestHead) {
                requests++;
                ctx.write(new ResponseHead(204, Fields.NONE, 0));
                ctx.writeAndFlush(BodyEnd.END);
            } else if (message instanceof dev.portcullis.http.Refusal refusal) {
                ctx.write(AnswerSignal.LAST);
                ctx.write(new ResponseHead(refusal.status(), Fields.NONE, 0));
                ctx.writeAndFlush(BodyEnd.END);
            } else {
                ReferenceCountUtil.release(message);
            }
        }
    }
}
