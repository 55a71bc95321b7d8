package dev.portcullis.edge;

import dev.portcullis.access.Role;
import dev.portcullis.audit.Reason;
import dev.portcullis.http.RequestHead;
import dev.portcullis.identity.ConnectionFacts;
import dev.portcullis.identity.Principal;
import dev.portcullis.policy.Decision;
import dev.portcullis.policy.Permit;
import dev.portcullis.session.LiveConnection;
import dev.portcullis.session.LiveConnections;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection's entry in the index of what must close when an identity ends. Made once for as long
 * as the connection speaks for the same principal by the same grant, and ends what is under way
 * when either is over by itself. On the event loop.
 */
final class LiveRegistration {
    private final Gate gate;
    private final LiveConnection connection;
    private Principal principal;
    private LiveConnections.Registration registration;
    private final @Nullable Role role;
    private final EventExecutor loop;
    private @Nullable Instant endsAt;
    private @Nullable Future<?> end;
    private long endNanos;
    private boolean confirmed;

    /**
     * @param loop the connection's
     */
    LiveRegistration(Gate gate, Permit permit, LiveConnection connection, EventExecutor loop) {
        this.gate = gate;
        this.principal = permit.principal();
        this.connection = connection;
        this.registration = gate.live().register(principal, connection);
        this.role = permit.role();
        this.loop = loop;
        endAt(permit.endsAt());
    }

    /** By the clock as it is now; one that was set back puts off no end that stands already. */
    private void endAt(@Nullable Instant instant) {
        boolean stands = end != null && Objects.equals(endsAt, instant);
        endsAt = instant;
        if (instant == null) {
            disarm();
            return;
        }
        long left = TimeUnit.NANOSECONDS.convert(Duration.between(gate.clock().instant(), instant));
        long dueNanos = loop.ticker().nanoTime() + left;
        if (!stands || dueNanos - endNanos < 0) {
            disarm();
            endNanos = dueNanos;
            end =
                    loop.schedule(
                            () -> connection.close(Reason.SESSION_EXPIRED),
                            left,
                            TimeUnit.NANOSECONDS);
        }
    }

    private void disarm() {
        if (end != null) {
            end.cancel(false);
            end = null;
        }
    }

    boolean isFor(Permit permit) {
        return principal.equals(permit.principal())
                && role == permit.role()
                && Objects.equals(endsAt, permit.endsAt());
    }

    /**
     * Whether what is under way may go on under that permit, given later; if so it ends when that
     * one does.
     */
    private boolean holdsFor(Permit permit) {
        boolean same = role == permit.role() && principal.user().equals(permit.principal().user());
        if (same) {
            standOn(permit.principal());
            endAt(permit.endsAt()); // The clock may have jumped ahead.
        }
        return same;
    }

    /** What the principal is now, for the next time that the rules change. */
    private void standOn(Principal now) {
        var before = principal;
        principal = now;
        boolean sameKeys =
                before.handles().equals(now.handles())
                        && Objects.equals(before.issuer(), now.issuer());
        if (!sameKeys) {
            registration.close();
            registration = gate.live().register(now, connection);
            askWhetherItLives(false); // It may have ended between the two entries.
        }
    }

    /**
     * Judges what is under way by the rules of now: what speaks against it, or null if it would
     * pass just as it did, and then it stands on what proves it now. The Gateway was told a role,
     * and cannot be told another.
     */
    Decision.@Nullable Deny judgeAgain(
            Gate rules, RequestHead head, ConnectionFacts connectionFacts, Principal now) {
        var proven = rules.authenticator().again(now, connectionFacts);
        return switch (rules.policy().decide(head, proven, gate.clock().instant())) {
            case Decision.Allow(Permit permit) when holdsFor(permit) -> null;
            case Decision.Allow _ -> new Decision.Deny(403, Reason.ACCESS_CHANGED);
            case Decision.Deny deny -> deny;
            case Decision.Challenge _ -> new Decision.Deny(401, Reason.SESSION_ENDED);
        };
    }

    Principal principal() {
        return principal;
    }

    /** A person uses the socket: the session lives on, or has ended and takes the socket along. */
    void active() {
        askWhetherItLives(false);
    }

    /**
     * Asks once more, now that the entry stands: what ended between the decision and the entry
     * would otherwise be missed.
     *
     * @param decidedLater whether somebody else was asked for the decision, so that time went by
     *     even where the entry stood before
     */
    void confirm(boolean decidedLater) {
        if (decidedLater || !confirmed) {
            confirmed = true;
            if (principal.means() == Principal.Means.SERVICE_TOKEN
                    && !gate.serviceTokens().standsBehind(principal)) {
                connection.close(Reason.SERVICE_TOKEN_REVOKED);
            }
            askWhetherItLives(true);
        }
    }

    /**
     * @param failClosed whether no answer means no: while a socket is open a store may be away for
     *     a moment, before it is open it may not
     */
    private void askWhetherItLives(boolean failClosed) {
        if (principal.means() != Principal.Means.SESSION) {
            return;
        }
        gate.sessions()
                .seen(principal.handle())
                .whenComplete((lives, failure) -> {
                    if (failure == null && !lives) {
                        connection.close(Reason.SESSION_ENDED);
                    } else if (failure != null && failClosed) {
                        connection.close(Reason.STORE_UNAVAILABLE);
                    }
                });
    }

    void close() {
        registration.close();
        disarm();
    }
}
