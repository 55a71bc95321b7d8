package dev.portcullis.edge;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.identity.Principal;
import dev.portcullis.session.LiveConnection;
import dev.portcullis.session.LiveConnections;

/**
 * A connection's entry in the index of what must close when an identity ends. Made once for as long
 * as the connection speaks for the same principal. On the event loop.
 */
final class LiveRegistration {
    private final Gate gate;
    private final Principal principal;
    private final LiveConnection connection;
    private final LiveConnections.Registration registration;
    private boolean confirmed;
    private boolean socket;

    private LiveRegistration(
            Gate gate,
            Principal principal,
            LiveConnection connection,
            LiveConnections.Registration registration) {
        this.gate = gate;
        this.principal = principal;
        this.connection = connection;
        this.registration = registration;
    }

    static LiveRegistration of(Gate gate, Principal principal, LiveConnection connection) {
        return new LiveRegistration(
                gate, principal, connection, gate.live().register(principal, connection));
    }

    boolean isFor(Principal other) {
        return principal.equals(other);
    }

    /** A person uses the socket: the session lives on, or has ended and takes the socket along. */
    void active() {
        askWhetherItLives(false);
    }

    /**
     * Asks once more, now that the entry stands: what ended between the decision and the entry
     * would otherwise be missed.
     */
    void confirm() {
        if (!confirmed) {
            confirmed = true;
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
                    boolean ended = failure == null ? !lives : failClosed;
                    if (ended) {
                        connection.close(Reason.SESSION_ENDED);
                    }
                });
    }

    /** One of the user's sockets was counted for this connection: its end counts it out. */
    void holdsSocket() {
        socket = true;
    }

    void close() {
        registration.close();
        if (socket) {
            socket = false;
            UserName user = principal.user();
            gate.sockets().closed(user);
        }
    }
}
