package dev.portcullis.upstream;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.ResponseHead;
import dev.portcullis.runtime.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The last stage of a client connection: carries what was admitted to the Gateway, and the answer
 * back. One per connection.
 *
 * <p><b>In:</b> {@link Admitted} with a permit in it, then its body; {@link RelayEnd}. <b>Out,
 * towards the client:</b> {@link ResponseHead}, {@link ByteBuf}, {@link BodyEnd}, or {@link
 * RelayFailure}.
 */
public final class GatewayRelay extends ChannelInboundHandlerAdapter {
    private final Gateway gateway;
    private @Nullable RelayedExchange exchange;
    private @Nullable Deadline deadline;

    GatewayRelay(Gateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        deadline = new Deadline(ctx.executor(), this::late);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        deadline().cancel();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var working = exchange;
        switch (message) {
            case Admitted admitted -> begin(ctx, admitted);
            case ByteBuf bytes when working != null -> working.onClientBytes(bytes);
            case BodyEnd _ when working != null -> working.onClientEnd();
            default -> ReferenceCountUtil.release(message); // Late, for an exchange that is over.
        }
    }

    private void begin(ChannelHandlerContext ctx, Admitted admitted) {
        var http = new HttpExchange(this, ctx, gateway, admitted, deadline());
        exchange = http;
        http.begin();
    }

    /** From here on this is what the connection does; null for nothing. */
    void become(@Nullable RelayedExchange next) {
        exchange = next;
        if (next == null) {
            deadline().clear();
        }
    }

    private void late() {
        var working = exchange;
        if (working != null) {
            working.onDeadline();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        var working = exchange;
        if (working != null) {
            working.onClientBatchEnd();
        }
        ctx.fireChannelReadComplete();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        var working = exchange;
        if (working != null) {
            working.onClientWritabilityChanged();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        var working = exchange;
        become(null);
        if (working != null) {
            working.onClientGone();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof RelayEnd(Reason reason)) {
            var working = exchange;
            if (working != null) {
                working.end(reason);
            }
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    private Deadline deadline() {
        return Objects.requireNonNull(deadline);
    }
}
