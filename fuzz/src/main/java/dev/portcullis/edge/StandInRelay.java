package dev.portcullis.edge;

import dev.portcullis.audit.Reason;
import dev.portcullis.fuzz.Finding;
import dev.portcullis.fuzz.Pieces;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.Fields;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.ResponseHead;
import dev.portcullis.upstream.Admitted;
import dev.portcullis.upstream.Forwarded;
import dev.portcullis.upstream.RelayEnd;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Stands where the relay does: keeps what reached it, which must be what a relay may count on, and
 * answers each request once it is whole. A WebSocket is accepted and echoed. One per stream.
 */
final class StandInRelay extends ChannelInboundHandlerAdapter {
    private final Pieces pieces;
    private final StringBuilder seen = new StringBuilder();
    private @Nullable RequestHead head;
    private @Nullable ChannelHandlerContext context;
    private long body;
    private boolean ended;
    private boolean tunnel;
    private int admitted;

    StandInRelay(Pieces pieces) {
        this.pieces = pieces;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
        ctx.channel().config().setAllocator(pieces.allocator()); // Before any buffer is made.
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        switch (message) {
            case Admitted(RequestHead request, _, _, _) -> begin(ctx, request);
            case ByteBuf bytes -> bytes(ctx, bytes);
            case BodyEnd _ -> end(ctx);
            default -> throw new IllegalStateException("reached the relay: " + message);
        }
    }

    private void begin(ChannelHandlerContext ctx, RequestHead request) {
        Finding.unless(admitted++ == 0, "two requests on one stream");
        boolean signedIn =
                request.fields().all("cookie").stream()
                        .anyMatch(cookies -> cookies.contains(GateAtWork.COOKIE));
        Finding.unless(signedIn, "a request of nobody");
        Forwarded.check(request, pieces.allocator());
        head = request;
        seen.append(request.method()).append(' ').append(request.target().full()).append('\n');
        if (request.isWebSocket()) {
            tunnel = true;
            ctx.writeAndFlush(new ResponseHead(101, Fields.NONE, 0));
            ctx.read();
        } else if (request.hasBody()) {
            ctx.read();
        } else {
            answer(ctx);
        }
    }

    private void bytes(ChannelHandlerContext ctx, ByteBuf bytes) {
        var request = head;
        Finding.unless(request != null && !ended, "bytes outside a body");
        body += bytes.readableBytes();
        seen.append(bytes.toString(StandardCharsets.ISO_8859_1));
        if (tunnel) {
            ctx.writeAndFlush(bytes);
        } else {
            bytes.release();
            boolean fits =
                    request == null
                            || request.bodyLength() == RequestHead.UNKNOWN_LENGTH
                            || body <= request.bodyLength();
            Finding.unless(fits, "more bytes than were announced");
        }
        ctx.read();
    }

    private void end(ChannelHandlerContext ctx) {
        var request = head;
        Finding.unless(request != null && !ended && !tunnel, "an end outside a body");
        ended = true;
        boolean whole =
                request == null
                        || request.bodyLength() == RequestHead.UNKNOWN_LENGTH
                        || body == request.bodyLength();
        Finding.unless(whole, "fewer bytes than were announced");
        seen.append("end\n");
        answer(ctx);
    }

    private static void answer(ChannelHandlerContext ctx) {
        ctx.write(new ResponseHead(200, Fields.NONE, 2));
        ctx.write(ctx.alloc().buffer(2).writeBytes(new byte[] {'o', 'k'}));
        ctx.writeAndFlush(BodyEnd.END);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof RelayEnd && tunnel) {
            ctx.close();
        }
        ctx.fireUserEventTriggered(event);
    }

    /** The Gateway's side of a socket is over. */
    void endTunnel() {
        var ctx = context;
        if (tunnel && ctx != null && ctx.channel().isActive()) {
            ctx.fireUserEventTriggered(new RelayEnd(Reason.GATEWAY_CLOSED));
            ctx.close();
        }
    }

    int admitted() {
        return admitted;
    }

    /** What reached it, as text. */
    String seen() {
        return seen.toString();
    }
}
