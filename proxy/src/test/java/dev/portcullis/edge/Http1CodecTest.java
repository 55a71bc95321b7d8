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
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
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
