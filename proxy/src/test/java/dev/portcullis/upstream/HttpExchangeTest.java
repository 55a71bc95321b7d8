package dev.portcullis.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.Role;
import dev.portcullis.access.UserName;
import dev.portcullis.config.AllowedUser;
import dev.portcullis.config.ByteRateConfig;
import dev.portcullis.config.GatewayConfig;
import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.config.RateLimitConfig;
import dev.portcullis.config.RateLimitsConfig;
import dev.portcullis.config.Secret;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.RequestHeads;
import dev.portcullis.identity.Authentication;
import dev.portcullis.identity.Principal;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.AllowList;
import dev.portcullis.policy.Decision;
import dev.portcullis.policy.Permit;
import dev.portcullis.policy.Policy;
import dev.portcullis.runtime.Deadline;
import dev.portcullis.testing.LeakCheck;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an exchange asks the Gateway for, and by when, while its client has room or has none. */
@ExtendWith(LeakCheck.class)
class HttpExchangeTest {
    private static final PublicOrigin ORIGIN = new PublicOrigin("claw.example.com", 443);
    private static final String HALF = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";

    private final Meters meters = new Meters("test");
    private final Narrow narrow = new Narrow();
    private final EmbeddedChannel client =
            new EmbeddedChannel(narrow, new ChannelInboundHandlerAdapter());
    private final EmbeddedChannel toGateway = new EmbeddedChannel();
    private HttpExchange exchange;
    private boolean late;

    @BeforeEach
    void begin() {
        var settings =
                new Gateway(
                        new GatewayConfig(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 9),
                                new Secret("x-user"),
                                "/"),
                        ORIGIN,
                        LimitsConfig.DEFAULTS,
                        rates(),
                        meters,
                        null,
                        EmbeddedChannel.class);
        var connection =
                new GatewayConnection(
                        new GatewayPool(toGateway.eventLoop(), new Bootstrap(), settings));
        toGateway.pipeline().addLast(connection);
        exchange =
                new HttpExchange(
                        settings.newRelay(),
                        client.pipeline().lastContext(),
                        settings,
                        new Admitted(request(), permit(), "192.0.2.1", () -> {}),
                        new Deadline(client.eventLoop(), () -> late = true));
        exchange.onConnection(connection);
    }

    @AfterEach
    void close() {
        exchange.onClientGone();
        client.finishAndReleaseAll();
        toGateway.finishAndReleaseAll();
        meters.close();
    }

    /** The flush that makes room asks for the next piece itself, before it returns. */
    @Test
    void roomIsMadeInsideTheFlush_theNextPieceHasItsDeadline() {
        narrow.makesRoom = true;
        toGateway.writeInbound(Unpooled.copiedBuffer(HALF, StandardCharsets.US_ASCII));
        assertThat(narrow.flushes).isPositive();
        assertThat(client.isWritable()).isTrue();
        pass();
        assertThat(late).isTrue();
    }

    /** How long a client may take to read is the codec's to mind. */
    @Test
    void noRoomIsMade_nothingIsDueFromTheGateway() {
        toGateway.writeInbound(Unpooled.copiedBuffer(HALF, StandardCharsets.US_ASCII));
        assertThat(client.isWritable()).isFalse();
        pass();
        assertThat(late).isFalse();
    }

    private void pass() {
        client.advanceTimeBy(LimitsConfig.DEFAULTS.answerIdle().toMillis(), TimeUnit.MILLISECONDS);
        client.runScheduledPendingTasks();
    }

    /** A client with room for one piece, which a flush makes again or does not. */
    private final class Narrow extends ChannelOutboundHandlerAdapter {
        boolean makesRoom;
        int flushes;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (message instanceof ByteBuf) {
                writable(ctx, false);
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void flush(ChannelHandlerContext ctx) {
            flushes++;
            if (makesRoom && !ctx.channel().isWritable()) {
                writable(ctx, true);
                exchange.onClientWritabilityChanged();
            }
        }

        private void writable(ChannelHandlerContext ctx, boolean isWritable) {
            ctx.channel().unsafe().outboundBuffer().setUserDefinedWritability(1, isWritable);
        }
    }

    private static RateLimitsConfig rates() {
        return new RateLimitsConfig(
                null, null, null, null, new RateLimitConfig(1, 1), new ByteRateConfig(1, 1));
    }

    private static RequestHead request() {
        var bytes =
                "GET /a HTTP/1.1\r\nHost: claw.example.com\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII);
        return (RequestHead) RequestHeads.parse(bytes, bytes.length, 9);
    }

    private static Permit permit() {
        var alice = new UserName("alice@example.com");
        var lines = List.of(new AllowedUser(alice, null, Role.OPERATOR, null, null));
        var principal = new Principal(alice, Set.of(), Principal.Means.SESSION, "issuer", "handle");
        var decision =
                new Policy(new AllowList(lines), ORIGIN, "/")
                        .decide(
                                request(),
                                new Authentication.Authenticated(principal),
                                Instant.EPOCH);
        return ((Decision.Allow) decision).permit();
    }
}
