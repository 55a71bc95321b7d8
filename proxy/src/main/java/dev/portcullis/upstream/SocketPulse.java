package dev.portcullis.upstream;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.http.FrameScanner;
import dev.portcullis.http.Masking;
import java.util.concurrent.TimeUnit;

/**
 * Whether both sides of a WebSocket are still there: one that is silent is asked by a ping of ours,
 * one that does not answer is gone, and one that takes nothing for long is cut. A side that we do
 * not read is not silent. On the event loop.
 */
final class SocketPulse {
    /** What a look comes to. */
    sealed interface Look {
        /**
         * Nobody is gone.
         *
         * @param nanos until the next look; more than 0
         */
        record Well(long nanos) implements Look {}

        /** The client did not answer. */
        record ClientSilent() implements Look {}

        /** The client began a frame, and drips the rest of it. */
        record ClientDrips() implements Look {}

        /** The client takes nothing. */
        record ClientStuck() implements Look {}

        /** The Gateway did not answer, or takes nothing. */
        record GatewaySilent() implements Look {}
    }

    /** So soon again if something was in the way of a ping. */
    private static final long SOON_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long FAR_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long GRID_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long TAKES = 0;

    private final LimitsConfig limits;
    private final OwnPing client;
    private final OwnPing gateway;
    private final FramePace clientFrame;
    private long clientStuckNanos = TAKES;
    private long gatewayStuckNanos = TAKES;

    SocketPulse(LimitsConfig limits, FrameScanner fromClient, FrameScanner fromGateway) {
        this.limits = limits;
        this.client = new OwnPing(fromClient, Masking.MASKED);
        this.gateway = new OwnPing(fromGateway, Masking.UNMASKED);
        this.clientFrame = new FramePace(limits, fromClient, client);
    }

    OwnPing client() {
        return client;
    }

    OwnPing gateway() {
        return gateway;
    }

    /** How fast the client's frames come. */
    FramePace clientFrame() {
        return clientFrame;
    }

    /** Whether there is room for what goes to the client. */
    void clientTakes(boolean room) {
        clientStuckNanos = stuckSince(room, clientStuckNanos);
    }

    /** Whether there is room for what goes to the Gateway. */
    void gatewayTakes(boolean room) {
        gatewayStuckNanos = stuckSince(room, gatewayStuckNanos);
        if (room) {
            clientFrame.beginAnew();
        }
    }

    private static long stuckSince(boolean room, long before) {
        if (room) {
            return TAKES;
        }
        return before == TAKES ? System.nanoTime() | 1 : before;
    }

    /**
     * Looks at both.
     *
     * @param clientHeldBack whether we do not read the client, by our own choice
     */
    Look look(boolean clientHeldBack) {
        client.forgetAfter(limits.socketPongTime());
        gateway.forgetAfter(limits.socketPongTime());
        if (isStuck(clientStuckNanos)) {
            return new Look.ClientStuck();
        }
        if (isStuck(gatewayStuckNanos)) {
            return new Look.GatewaySilent();
        }
        if (clientHeldBack || gatewayStuckNanos != TAKES) {
            client.heard();
            clientFrame.beginAnew();
        }
        if (clientFrame.nanosLeft() <= 0) {
            return new Look.ClientDrips();
        }
        if (clientStuckNanos != TAKES) {
            gateway.heard();
        }
        if (isGone(client)) {
            return new Look.ClientSilent();
        }
        return isGone(gateway) ? new Look.GatewaySilent() : new Look.Well(nextLook());
    }

    /** Whether the side has been silent for so long that it must be asked. */
    boolean isPingDue(OwnPing side) {
        return !side.isAsked() && left(side) <= 0;
    }

    void release() {
        client.release();
        gateway.release();
    }

    private boolean isStuck(long sinceNanos) {
        return sinceNanos != TAKES
                && System.nanoTime() - sinceNanos > limits.answerIdle().toNanos();
    }

    private boolean isGone(OwnPing side) {
        return side.isAsked() && left(side) <= 0;
    }

    private long left(OwnPing side) {
        return side.nanosLeft(limits.socketIdle(), limits.socketPongTime());
    }

    /** In how many nanoseconds to look, if no frame begins before. */
    long nextLook() {
        long pong = limits.socketPongTime().toNanos();
        long idle = limits.socketIdle().toNanos();
        long next = Math.min(next(client, pong), next(gateway, pong));
        long most = Math.min(idle, limits.answerIdle().toNanos());
        return together(Math.clamp(Math.min(next, clientFrame.nanosLeft()), 1, most));
    }

    /**
     * A look that is far away waits for those of other sockets: thousands that stand still would
     * wake the processor one by one, which costs more than their pings.
     */
    private static long together(long nanos) {
        return nanos < FAR_NANOS
                ? nanos
                : nanos + GRID_NANOS - Math.floorMod(System.nanoTime() + nanos, GRID_NANOS);
    }

    /** A ping that goes out now is looked after when its pong is due. */
    private long next(OwnPing side, long pongNanos) {
        long left = left(side);
        return left > 0 ? left : Math.min(pongNanos, SOON_NANOS);
    }
}
