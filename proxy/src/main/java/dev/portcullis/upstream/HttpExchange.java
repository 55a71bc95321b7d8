package dev.portcullis.upstream;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.GatewayAnswer;
import dev.portcullis.http.Method;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.ResponseHead;
import dev.portcullis.http.WebSocketHandshake;
import dev.portcullis.metrics.Direction;
import dev.portcullis.runtime.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer. Bodies stream both ways: the next piece is asked for when the other
 * side has room. Becomes a {@link WebSocketTunnel} on a verified 101.
 */
final class HttpExchange
        implements RelayedExchange, GatewayConnection.Exchange, GatewayPool.Waiter {
    private final GatewayRelay relay;
    private final ChannelHandlerContext client;
    private final Gateway gateway;
    private final Admitted admitted;
    private final Deadline deadline;
    private final @Nullable String webSocketKey;
    private @Nullable GatewayConnection connection;

    /** Waits for what came with it: until then a failure can still be told. */
    private @Nullable ResponseHead heldHead;

    private boolean requestComplete;
    private long sentNanos;
    private boolean answerBegun;
    private boolean secondTry;
    private boolean over;

    HttpExchange(
            GatewayRelay relay,
            ChannelHandlerContext client,
            Gateway gateway,
            Admitted admitted,
            Deadline deadline) {
        this.relay = relay;
        this.client = client;
        this.gateway = gateway;
        this.admitted = admitted;
        this.deadline = deadline;
        this.webSocketKey = admitted.head().isWebSocket() ? WebSocketHandshake.newKey() : null;
    }

    void begin() {
        if (!gateway.health().mayTry()) {
            fail(503, Reason.GATEWAY_FROZEN);
            return;
        }
        var pool = gateway.pool(client.channel().eventLoop());
        boolean fresh = secondTry || admitted.head().isWebSocket();
        pool.acquire(isRepeatable(), fresh, this);
    }

    private boolean isRepeatable() {
        var head = admitted.head();
        return head.method().isIdempotent() && !head.hasBody();
    }

    @Override
    public void onConnection(GatewayConnection acquired) {
        if (over) {
            acquired.close();
            return;
        }
        var head = gateway.head().write(client.alloc(), admitted, webSocketKey);
        if (head == null) {
            acquired.release(true);
            fail(431, Reason.HEAD_TOO_LARGE);
            return;
        }
        connection = acquired;
        boolean toHead = admitted.head().method() == Method.HEAD;
        acquired.begin(this, head, toHead, webSocketKey != null);
        acquired.flush();
        acquired.read();
        if (admitted.head().hasBody()) {
            client.read(); // How long the client may take is the codec's to mind.
        } else {
            requestSent();
        }
    }

    private void requestSent() {
        requestComplete = true;
        if (!answerBegun) {
            sentNanos = System.nanoTime();
            deadline.set(gateway.limits().answerTime());
        }
    }

    @Override
    public boolean isWaiting() {
        return !over;
    }

    @Override
    public void onUnreachable(Reason reason) {
        if (!over) {
            fail(503, reason);
        }
    }

    // --- from the client ---------------------------------------------------------------------

    @Override
    public void onClientBytes(ByteBuf bytes) {
        var to = connection;
        if (to == null || requestComplete) {
            bytes.release();
            return;
        }
        gateway.meters().relayedBytes(Direction.TO_GATEWAY, bytes.readableBytes());
        if (admitted.head().bodyLength() == RequestHead.UNKNOWN_LENGTH) {
            Chunks.write(to, client.alloc(), bytes);
        } else {
            to.write(bytes);
        }
        to.flush();
        if (to.isWritable()) {
            client.read();
        } else if (!requestComplete) { // The end may have come inside the flush.
            deadline.set(gateway.limits().answerIdle());
        }
    }

    @Override
    public void onClientEnd() {
        var to = connection;
        if (to == null) {
            return;
        }
        if (admitted.head().bodyLength() == RequestHead.UNKNOWN_LENGTH) {
            Chunks.writeLast(to, client.alloc());
            to.flush();
        }
        requestSent();
    }

    @Override
    public void onClientBatchEnd() {
        // Pieces are flushed as they are written: one read is one piece.
    }

    @Override
    public void onClientWritabilityChanged() {
        var from = connection;
        if (answerBegun && from != null && client.channel().isWritable()) {
            readAnswer(from);
            client.flush(); // What had waited came at once, and no end of a batch follows it.
        }
    }

    @Override
    public void onClientGone() {
        over = true;
        closeConnection();
    }

    @Override
    public void end(Reason reason) {
        over = true;
        closeConnection();
        relay.become(null); // The gate answers or cuts: it knows whether an answer had begun.
    }

    @Override
    public void onDeadline() {
        if (requestComplete && !answerBegun) {
            gateway.health().timedOut(sentNanos);
        }
        closeConnection();
        fail(504, Reason.GATEWAY_TIMEOUT);
    }

    // --- from the Gateway --------------------------------------------------------------------

    @Override
    public void onHead(GatewayAnswer.Head head) {
        gateway.health().answered();
        if (head.status() == ResponseHead.SWITCHING_PROTOCOLS) {
            openTunnel(head);
            return;
        }
        if (opensTunnelOverHttp2(head.status())) {
            closeConnection();
            fail(502, Reason.GATEWAY_ANSWER_INVALID);
            return;
        }
        answerBegun = true;
        long length =
                head.framing() == GatewayAnswer.BodyFraming.LENGTH
                        ? head.length()
                        : RequestHead.UNKNOWN_LENGTH;
        var fields = AnswerFields.filtered(head.fields());
        heldHead = new ResponseHead(head.status(), fields, length);
        readAnswer(Objects.requireNonNull(connection));
    }

    /** What the Gateway means as a page opens a WebSocket there (RFC 8441 §5). */
    private boolean opensTunnelOverHttp2(int status) {
        return webSocketKey != null
                && admitted.head().protocol() == RequestHead.Protocol.HTTP_2
                && status / 100 == 2;
    }

    private void writeHeldHead() {
        var held = heldHead;
        if (held != null) {
            heldHead = null;
            client.write(held, client.voidPromise());
        }
    }

    private void readAnswer(GatewayConnection from) {
        if (client.channel().isWritable()) {
            deadline.set(gateway.limits().answerIdle());
            from.read();
        } else {
            deadline.clear(); // The codec minds a client that never reads.
            client.flush(); // Goes on when there is room again, which may be before this returns.
        }
    }

    @Override
    public void onBytes(ByteBuf bytes) {
        gateway.meters().relayedBytes(Direction.TO_CLIENT, bytes.readableBytes());
        writeHeldHead();
        client.write(bytes, client.voidPromise());
        readAnswer(Objects.requireNonNull(connection));
    }

    @Override
    public void onBatchEnd() {
        if (answerBegun) {
            writeHeldHead();
            client.flush();
        }
    }

    @Override
    public void onEnd() {
        over = true;
        var done = Objects.requireNonNull(connection);
        connection = null;
        done.release(requestComplete);
        relay.become(null);
        writeHeldHead();
        client.write(BodyEnd.END, client.voidPromise());
        client.flush();
    }

    @Override
    public void onFailure(Reason reason, boolean untouched) {
        var failed = Objects.requireNonNull(connection);
        connection = null;
        boolean again = untouched && failed.wasUsed() && isRepeatable() && !secondTry;
        if (again) {
            secondTry = true; // It closed while our request was on its way: RFC 9110 §9.2.2.
            begin();
        } else {
            fail(reason == Reason.INTERNAL_ERROR ? 500 : 502, reason);
        }
    }

    @Override
    public void onWritabilityChanged() {
        var to = connection;
        if (to != null && to.isWritable() && !requestComplete) {
            deadline.clear();
            client.read();
        }
    }

    private void openTunnel(GatewayAnswer.Head head) {
        var from = Objects.requireNonNull(connection);
        var accepted =
                SwitchingProtocols.verified(
                        head, Objects.requireNonNull(webSocketKey), admitted.head());
        if (accepted == null) {
            closeConnection();
            fail(502, Reason.GATEWAY_ANSWER_INVALID);
            return;
        }
        var tunnel = new WebSocketTunnel(relay, client, gateway, from, admitted, deadline);
        over = true;
        connection = null;
        relay.become(tunnel);
        client.writeAndFlush(accepted);
        tunnel.begin();
    }

    private void fail(int status, Reason reason) {
        over = true;
        relay.become(null);
        client.writeAndFlush(new RelayFailure(status, reason));
    }

    private void closeConnection() {
        var open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }
}
