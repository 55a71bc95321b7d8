package dev.portcullis.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.GatewayAnswer;
import dev.portcullis.testing.LeakCheck;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a slow client gets when the Gateway closes as soon as it has said everything. */
@ExtendWith(LeakCheck.class)
class GatewayConnectionTest {
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final GatewayConnection connection =
            new GatewayConnection(new GatewayPool(channel.eventLoop(), new Bootstrap(), null));
    private final Taken taken = new Taken();

    @BeforeEach
    void begin() {
        channel.pipeline().addLast(connection);
        connection.begin(taken, bytes("GET / HTTP/1.1\r\n\r\n"), false, false);
        connection.read();
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void gatewayClosedAfterTheLastPiece_theAnswerIsWhole() {
        channel.writeInbound(bytes("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"));
        connection.read();
        channel.close();
        assertThat(taken.all).isEqualTo("200 abc");

        connection.read();
        assertThat(taken.all).isEqualTo("200 abc end");
    }

    @Test
    void gatewayClosedWhilePiecesWait_theyAreHandedOn() {
        channel.writeInbound(
                bytes(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"));
        channel.close();
        for (int i = 0; i < 3; i++) {
            connection.read();
        }
        assertThat(taken.all).isEqualTo("200 abc def end");
    }

    @Test
    void gatewayClosedInTheMiddle_theAnswerFailsWhenItsPiecesAreTaken() {
        channel.writeInbound(bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
        channel.close();
        connection.read();
        connection.read();
        assertThat(taken.all).isEqualTo("200 abc GATEWAY_CLOSED");
    }

    @Test
    void gatewayClosedAndNobodyTakesTheRest_nothingIsKept() {
        channel.writeInbound(bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"));
        channel.close();
        connection.close();
        assertThat(taken.all).isEqualTo("200");
    }

    @Test
    void exchangeFailedInsideTheProxy_isToldAtOnceAndTheConnectionEnds() {
        taken.broken = true;
        channel.writeInbound(bytes("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"));
        assertThat(taken.all).isEqualTo("200 INTERNAL_ERROR");
        assertThat(channel.isOpen()).isFalse();
    }

    private ByteBuf bytes(String text) {
        return ByteBufUtil.encodeString(
                channel.alloc(), CharBuffer.wrap(text), StandardCharsets.ISO_8859_1);
    }

    /** Writes down what it is told, and asks for nothing by itself. */
    private static final class Taken implements GatewayConnection.Exchange {
        String all = "";
        boolean broken;

        @Override
        public void onHead(GatewayAnswer.Head head) {
            all += head.status();
            if (broken) {
                throw new IllegalStateException("a fault of ours");
            }
        }

        @Override
        public void onBytes(ByteBuf bytes) {
            all += " " + bytes.toString(StandardCharsets.ISO_8859_1);
            bytes.release();
        }

        @Override
        public void onBatchEnd() {}

        @Override
        public void onEnd() {
            all += " end";
        }

        @Override
        public void onFailure(Reason reason, boolean untouched) {
            all += " " + reason;
        }

        @Override
        public void onWritabilityChanged() {}
    }
}
