package dev.portcullis.edge;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.metrics.Limit;
import dev.portcullis.metrics.Meters;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.CertificateEncodingException;
import java.util.Objects;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * In front of TLS while a handshake lasts: bounds what a client may send before it was answered
 * (RFC 8446 §4.1.2) and in how many records, takes its first message as a whole, and counts the
 * handshakes under way. One per connection, gone when the handshake is done.
 */
final class HandshakeGuard extends ChannelDuplexHandler {
    /**
     * Records of one handshake that TLS is given: each is a call into native code, whatever is in
     * it. An honest client sends a handful, or some tens if it cuts its certificates small.
     */
    private static final int RECORDS_MAX = 64;

    private final LimitsConfig limits;
    private final Meters meters;
    private final HandshakesUnderWay underWay;
    private final SslHandler tls;
    private HalfReceived.@Nullable Of half;
    private final ClientHelloRecords hello = new ClientHelloRecords();
    private final TlsRecordCount records = new TlsRecordCount();
    private int received;
    private int behindHello;
    private boolean helloCame;
    private boolean answered;

    HandshakeGuard(
            LimitsConfig limits, Meters meters, HandshakesUnderWay underWay, SslHandler tls) {
        this.limits = limits;
        this.meters = meters;
        this.underWay = underWay;
        this.tls = tls;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        half = HalfReceived.of(ctx.channel());
        underWay.begun(ctx.channel());
        tls.handshakeFuture()
                .addListener(_ -> {
                    if (!ctx.isRemoved()) {
                        ctx.pipeline().remove(this);
                    }
                });
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        underWay.over(ctx.channel());
        hello.close();
        var engine = tls.engine();
        boolean asked = engine.getWantClientAuth() || engine.getNeedClientAuth();
        half().message(0);
        if (asked && tls.handshakeFuture().isSuccess()) { // Not within TLS: it is still at work.
            ctx.executor().execute(() -> half().certificates(bytesOf(engine.getSession())));
        }
    }

    private static int bytesOf(SSLSession session) {
        try {
            int bytes = 0;
            for (var certificate : session.getPeerCertificates()) {
                bytes += certificate.getEncoded().length;
            }
            return bytes;
        } catch (SSLPeerUnverifiedException | CertificateEncodingException none) {
            return 0;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        received += bytes.readableBytes();
        if (!answered && received > limits.clientHello()) {
            refuse(ctx, bytes);
            return;
        }
        var whole = hello.add(ctx.alloc(), bytes);
        if (whole == null) {
            half().message(received);
            return; // TLS asks for more at the end of the batch.
        }
        behindHello += helloCame ? whole.readableBytes() : 0;
        helloCame = true;
        half().message(behindHello); // TLS keeps it until a message is whole, and certificates on.
        if (records.add(whole) > RECORDS_MAX) {
            refuse(ctx, whole);
        } else {
            ctx.fireChannelRead(whole);
        }
    }

    private HalfReceived.Of half() {
        return Objects.requireNonNull(half);
    }

    private void refuse(ChannelHandlerContext ctx, ByteBuf bytes) {
        bytes.release();
        meters.limitReached(Limit.CLIENT_HELLO);
        ctx.close();
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        answered = true;
        ctx.write(message, promise);
    }
}
