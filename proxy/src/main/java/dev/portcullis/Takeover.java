package dev.portcullis;

import dev.portcullis.audit.Reason;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.edge.Edge;
import dev.portcullis.runtime.Descriptors;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.state.ConnectionCounts;
import dev.portcullis.upstream.Gateway;
import java.io.IOException;

/**
 * How another configuration comes into force while everything runs. One at a time, on any thread
 * that may block.
 */
record Takeover(Shared shared, Edge edge, Gateway gateway, ConnectionCounts connections) {
    /**
     * Makes the next generation, and whoever comes from now on is served by it.
     *
     * @throws IOException names what it cannot do; then nothing has changed
     */
    Generation begin(PortcullisConfig config, Generation before) throws IOException {
        var next = Generation.of(config, shared, before);
        try {
            next.warm();
            edge.serve(next.config(), next.parts(), next.tokens());
        } catch (IOException | RuntimeException unusable) {
            next.closeAllBut(before);
            throw unusable;
        }
        return next;
    }

    /** None of this can fail: the new configuration is in force already. */
    void finish(Generation before, Generation next) {
        var limits = next.config().limits();
        gateway.limits(limits, next.config().rateLimits());
        connections.limits(clients(next.config()), limits.connectionsPerAddress());
        LimitMeters.publish(next.config(), shared.meters());
        Changes.tokenIssuers(before.config(), next.config())
                .forEach(issuer ->
                        shared.live()
                                .close(
                                        new LiveConnections.Key.TokensOf(issuer),
                                        Reason.ACCESS_CHANGED));
        shared.live().judgeAgain();
        signOutWhoWasTakenOff(before, next);
        before.closeAllBut(next);
    }

    /**
     * Otherwise his browser would hold a good cookie and a dead page: the Control UI asks to sign
     * in only where nobody is signed in. Whom this configuration never let in is another sidecar's.
     */
    private void signOutWhoWasTakenOff(Generation before, Generation next) {
        if (before.config().allowUsers().equals(next.config().allowUsers())) {
            return;
        }
        var now = shared.clock().instant();
        var was = before.parts().policy();
        var is = next.parts().policy();
        var _ =
                shared.ender()
                        .endIf(
                                session ->
                                        was.admits(session.principal(), now)
                                                && !is.admits(session.principal(), now),
                                Reason.ACCESS_CHANGED);
    }

    /** Each client must find a descriptor, and one for its connection to the Gateway. */
    static int clients(PortcullisConfig config) {
        var limits = config.limits();
        boolean balanced = !config.trustedBalancers().blocks().isEmpty();
        int awaited = balanced ? Descriptors.awaited(limits.handshakes()) : 0;
        return Descriptors.clients(limits.connections(), limits.gatewayConnections(), awaited);
    }
}
