package dev.portcullis.upstream;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.FrameScanner;
import dev.portcullis.http.GatewayAnswer;
import dev.portcullis.http.Masking;
import dev.portcullis.metrics.Direction;
import dev.portcullis.metrics.Limit;
import dev.portcullis.runtime.Deadline;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * An open WebSocket: frames stream past a scanner on each side and are not copied, unmasked or
 * gathered. Control frames travel end to end. We say something of our own only at the end, and only
 * between two frames.
 */
final class WebSocketTunnel implements RelayedExchange, GatewayConnection.Exchange {
    /** How long the peer has to answer a close frame (RFC 6455 §7.1.1). */
    private static final Duration CLOSE_TIME = Duration.ofSeconds(5);

    /** How long a frame that is under way may take to end before we cut instead of saying why. */
    private static final Duration FRAME_END_TIME = Duration.ofMillis(500);

    /** RFC 6455 §7.4.1: the rest of the message is on its way, and may be long. */
    private static final int TOO_BIG = 1009;

    private static final long ACTIVITY_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);

    private enum State {
        OPEN,
        /** Our close frame waits for the end of the frame that is on its way to the client. */
        ENDING,
        /** A close frame went to the client, ours or the Gateway's; its answer is due. */
        CLOSING,
        CLOSED
    }

    private final GatewayRelay relay;
    private final ChannelHandlerContext client;
    private final GatewayConnection gateway;
    private final Gateway settings;
    private final Runnable activity;
    private final Deadline deadline;
    private final FrameScanner fromClient;
    private final FrameScanner fromGateway = FrameScanner.ofGateway();
    private final SocketPace pace;
    private final SocketPulse pulse;
    private State state = State.OPEN;
    private SocketEnd end = SocketEnd.GATEWAY_GONE;
    private boolean gatewayOpen = true;
    private boolean heldBack;
    private long messagesSeen;
    private long activityNanos;

    WebSocketTunnel(
            GatewayRelay relay,
            ChannelHandlerContext client,
            Gateway settings,
            GatewayConnection gateway,
            Admitted admitted,
            Deadline deadline) {
        this.relay = relay;
        this.client = client;
        this.settings = settings;
        this.gateway = gateway;
        this.activity = admitted.activity();
        this.deadline = deadline;
        this.fromClient = SocketKinds.scanner(admitted.head().target().path());
        this.pace = settings.newPace();
        this.pulse = new SocketPulse(settings.limits(), fromClient, fromGateway);
    }

    void begin() {
        settings.meters().webSocketOpened();
        gateway.takeOver(this);
        deadline.setNanos(pulse.nextLook());
        gateway.read();
        client.read();
        gateway.flush(); // What came before the 101 comes at once, and no end of a batch follows.
    }

    // --- from the client ---------------------------------------------------------------------

    @Override
    public void onClientBytes(ByteBuf bytes) {
        if (state == State.CLOSED) {
            bytes.release();
            return;
        }
        pulse.client().heard();
        boolean keptSome = pulse.client().filter(bytes, this::relayFromClient);
        lookInTimeForItsFrame();
        if (keptSome) {
            readClient();
        }
    }

    private void lookInTimeForItsFrame() {
        var frame = pulse.clientFrame();
        frame.came();
        if (frame.isUnderWay() && state == State.OPEN) {
            deadline.setIfSooner(frame.nanosLeft());
        }
    }

    private void relayFromClient(ByteBuf bytes) {
        boolean passing = state == State.OPEN || (state == State.CLOSING && gatewayOpen);
        long actsBefore = fromClient.messages() + fromClient.controlFrames();
        long framesBefore = fromClient.frames();
        int accepted = fromClient.scan(bytes, false);
        if (passing && accepted > 0) {
            settings.meters().relayedBytes(Direction.TO_GATEWAY, accepted);
            countFrames(Direction.TO_GATEWAY, fromClient.frames() - framesBefore);
            forward(bytes, accepted);
        } else {
            bytes.release();
        }
        holdBack(
                pace.came(
                        fromClient.messages() + fromClient.controlFrames() - actsBefore, accepted));
        afterClientBytes();
    }

    /** Reads the client no further for a while: what it sends waits in the network. */
    private void holdBack(long nanos) {
        if (pace.isFlood() && state == State.OPEN) {
            begin(SocketEnd.FLOOD);
        } else if (nanos > 0 && !heldBack && state == State.OPEN) {
            heldBack = true;
            client.executor().schedule(this::readOn, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void readOn() {
        heldBack = false;
        pulse.clientFrame().beginAnew();
        if (state == State.OPEN && gateway.isWritable()) {
            client.read();
            onClientBatchEnd(); // What had waited came at once, and no end of a batch follows it.
        }
    }

    private void countFrames(Direction direction, long whole) {
        if (whole > 0) {
            settings.meters().relayedFrames(direction, whole);
        }
    }

    private void forward(ByteBuf bytes, int accepted) {
        if (accepted < bytes.readableBytes()) {
            bytes.writerIndex(bytes.readerIndex() + accepted);
        }
        gateway.write(bytes);
    }

    private void afterClientBytes() {
        var violation = fromClient.violation();
        if (violation != null) {
            // What still comes of a refused message is read and dropped: a reset would take the
            // close frame that says why with it.
            if (state == State.OPEN) {
                begin(new SocketEnd(violation.closeCode(), violation.reason()));
            }
        } else if (fromClient.close() != null) {
            clientSaidClose();
        } else {
            noteActivity();
        }
        readClient();
    }

    private void readClient() {
        boolean room = !gatewayOpen || gateway.isWritable();
        if (state != State.CLOSED && room && (!heldBack || state != State.OPEN)) {
            client.read();
        }
    }

    private void clientSaidClose() {
        if (state == State.CLOSING || state == State.ENDING) {
            finish(); // Both have said it.
        } else {
            gateway.flush();
            deadline.setIfSooner(CLOSE_TIME.toNanos()); // Whatever it still sends.
        }
    }

    private void noteActivity() {
        if (fromClient.messages() != messagesSeen) {
            messagesSeen = fromClient.messages();
            long now = System.nanoTime();
            if (now - activityNanos > ACTIVITY_EVERY_NANOS) {
                activityNanos = now;
                activity.run();
            }
        }
    }

    @Override
    public void onClientEnd() {
        throw new IllegalStateException("a tunnel has no end of body");
    }

    @Override
    public void onClientBatchEnd() {
        if (gatewayOpen) {
            gateway.flush();
        }
    }

    @Override
    public void onClientWritabilityChanged() {
        pulse.clientTakes(client.channel().isWritable());
        if (client.channel().isWritable() && gatewayOpen) {
            gateway.read();
            client.flush(); // What had waited came at once, and no end of a batch follows it.
        }
    }

    @Override
    public void onClientGone() {
        if (state != State.CLOSED) {
            state = State.CLOSED;
            settings.meters().webSocketClosed();
            closeGateway();
        }
        pulse.release();
    }

    // --- from the Gateway --------------------------------------------------------------------

    @Override
    public void onBytes(ByteBuf bytes) {
        pulse.gateway().heard();
        if (pulse.gateway().filter(bytes, this::relayFromGateway)) {
            readGateway();
        }
    }

    private void relayFromGateway(ByteBuf bytes) {
        long framesBefore = fromGateway.frames();
        int accepted = fromGateway.scan(bytes, state == State.ENDING);
        boolean passing = state == State.OPEN || state == State.ENDING;
        if (passing && accepted > 0) {
            settings.meters().relayedBytes(Direction.TO_CLIENT, accepted);
            countFrames(Direction.TO_CLIENT, fromGateway.frames() - framesBefore);
            if (accepted < bytes.readableBytes()) {
                bytes.writerIndex(bytes.readerIndex() + accepted);
            }
            client.write(bytes);
        } else {
            bytes.release();
        }
        afterGatewayBytes();
    }

    private void afterGatewayBytes() {
        if (fromGateway.violation() != null) {
            begin(SocketEnd.GATEWAY_BROKE_RULES);
        } else if (fromGateway.close() != null) {
            gatewaySaidClose();
        } else if (state == State.ENDING && fromGateway.atBoundary()) {
            sayClose();
        }
        readGateway();
    }

    private void readGateway() {
        if (state != State.CLOSED && gatewayOpen && client.channel().isWritable()) {
            gateway.read();
        }
    }

    private void gatewaySaidClose() {
        client.flush();
        if (fromClient.close() != null) {
            finish();
        } else if (state != State.CLOSING) {
            state = State.CLOSING;
            deadline.set(CLOSE_TIME);
        }
    }

    @Override
    public void onBatchEnd() {
        client.flush();
    }

    @Override
    public void onWritabilityChanged() {
        pulse.gatewayTakes(!gatewayOpen || gateway.isWritable());
        if (state != State.CLOSED && gateway.isWritable()) {
            readClient();
            onClientBatchEnd(); // What had waited came at once, and no end of a batch follows it.
        }
    }

    @Override
    public void onFailure(Reason reason, boolean untouched) {
        gatewayOpen = false;
        if (fromClient.close() != null || state == State.CLOSING) {
            answerClose();
            finish();
        } else if (state == State.OPEN) {
            begin(SocketEnd.GATEWAY_GONE);
        } else {
            sayCloseOrCut();
        }
    }

    @Override
    public void onHead(GatewayAnswer.Head head) {
        throw new IllegalStateException("a tunnel has one head, and it is over");
    }

    @Override
    public void onEnd() {
        throw new IllegalStateException("a tunnel has no end of body");
    }

    // --- our own end -------------------------------------------------------------------------

    @Override
    public void end(Reason reason) {
        if (state == State.OPEN) {
            begin(SocketEnd.of(reason));
        }
    }

    /** Nothing more from the client; a close frame to it as soon as no frame is under way. */
    private void begin(SocketEnd why) {
        if (state != State.OPEN) {
            finish();
            return;
        }
        end = why;
        state = State.ENDING;
        if (fromGateway.atBoundary() || !gatewayOpen) {
            sayCloseOrCut();
        } else {
            deadline.set(FRAME_END_TIME);
        }
    }

    private void sayCloseOrCut() {
        if (fromGateway.atBoundary()) {
            sayClose();
        } else {
            finish();
        }
    }

    private void sayClose() {
        state = State.CLOSING;
        client.writeAndFlush(end.frame(client.alloc(), Masking.UNMASKED));
        closeGateway();
        var violation = fromClient.violation();
        if (violation != null && violation.closeCode() != TOO_BIG) {
            fail();
            return;
        }
        if (fromClient.close() != null) {
            finish(); // Both have said it.
            return;
        }
        deadline.set(CLOSE_TIME);
        client.read();
    }

    /**
     * Nothing that the client still says can be understood, not even its goodbye: our side ends
     * (RFC 6455 §7.1.7), and the codec drops what comes for a moment, for a reset would take the
     * close frame with it.
     */
    private void fail() {
        if (state == State.CLOSED) {
            return;
        }
        over();
        client.writeAndFlush(BodyEnd.END);
    }

    private void closeGateway() {
        if (!gatewayOpen) {
            return;
        }
        gatewayOpen = false;
        if (fromClient.atBoundary() && fromClient.close() == null) {
            gateway.write(SocketEnd.GOING.frame(client.alloc(), Masking.MASKED));
            gateway.closeAfterFlush();
        } else {
            gateway.close();
        }
    }

    @Override
    public void onDeadline() {
        if (state != State.OPEN || fromClient.close() != null) {
            answerClose();
            finish();
            return;
        }
        switch (pulse.look(heldBack)) {
            case SocketPulse.Look.Well(long nanos) -> deadline.setNanos(nanos);
            case SocketPulse.Look.ClientSilent() -> begin(SocketEnd.NO_PONG);
            case SocketPulse.Look.ClientDrips() -> dripped();
            case SocketPulse.Look.ClientStuck() -> finish(); // A close frame would not reach it.
            case SocketPulse.Look.GatewaySilent() -> begin(SocketEnd.GATEWAY_GONE);
        }
        if (state == State.OPEN) {
            ping();
            pace.rest();
        }
    }

    private void dripped() {
        settings.meters().limitReached(Limit.BODY_RATE);
        begin(SocketEnd.DRIP);
    }

    private void ping() {
        if (pulse.isPingDue(pulse.client()) && fromGateway.atBoundary()) {
            client.writeAndFlush(pulse.client().frame(client.alloc()));
        }
        if (pulse.isPingDue(pulse.gateway()) && fromClient.atBoundary()) {
            gateway.write(pulse.gateway().frame(client.alloc()));
            gateway.flush();
        }
    }

    /**
     * In place of a Gateway that does not (RFC 6455 §5.5.1): with the code that the client gave.
     */
    private void answerClose() {
        var close = fromClient.close();
        if (close != null && state == State.OPEN && fromGateway.atBoundary()) {
            var answer = new SocketEnd(close.code(), "");
            client.write(answer.frame(client.alloc(), Masking.UNMASKED));
        }
    }

    /** Both sides have said goodbye, or had their time. */
    private void finish() {
        if (state == State.CLOSED) {
            return;
        }
        over();
        client.flush();
        client.close(); // TLS lets out what is written, but waits 3 s at most for a stalled client.
    }

    private void over() {
        state = State.CLOSED;
        settings.meters().webSocketClosed();
        pulse.release();
        relay.become(null);
        closeGatewayAfterFlush();
    }

    private void closeGatewayAfterFlush() {
        if (gatewayOpen) {
            gatewayOpen = false;
            gateway.closeAfterFlush();
        }
    }
}
