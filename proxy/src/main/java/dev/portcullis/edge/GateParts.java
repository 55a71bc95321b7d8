package dev.portcullis.edge;

import dev.portcullis.audit.AuditLog;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.identity.ClientCertificates;
import dev.portcullis.identity.ServiceTokens;
import dev.portcullis.identity.TokenAuthenticator;
import dev.portcullis.login.OwnRoutes;
import dev.portcullis.login.Pages;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.Policy;
import dev.portcullis.policy.RateLimits;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.session.SessionAuthenticator;
import java.time.InstantSource;
import java.util.function.BooleanSupplier;

/**
 * What the composition root hands to the gate.
 *
 * @param policy may they
 * @param rates how fast one may go
 * @param ownRoutes sign-in and the other routes that are answered here
 * @param pages our own answers, as pages or for programs
 * @param audit asked before anything is forwarded
 * @param meters counts it all
 * @param live what must close when an identity ends
 * @param sessions who holds a cookie
 * @param serviceTokens the machines that may come
 * @param certificates what a client certificate means
 * @param overloaded whether memory is short: what is new is turned away
 * @param clock wall-clock time
 */
public record GateParts(
        Policy policy,
        RateLimits rates,
        OwnRoutes ownRoutes,
        Pages pages,
        AuditLog audit,
        Meters meters,
        LiveConnections live,
        SessionAuthenticator sessions,
        ServiceTokens serviceTokens,
        ClientCertificates certificates,
        BooleanSupplier overloaded,
        InstantSource clock) {

    Gate gate(
            PortcullisConfig config,
            TokenAuthenticator tokens,
            UserCounts requests,
            UserCounts sockets) {
        return new Gate(
                config.publicOrigin(),
                new Authenticator(sessions, tokens, serviceTokens, certificates),
                policy,
                rates,
                ownRoutes,
                pages,
                audit,
                meters,
                live,
                sessions,
                serviceTokens,
                requests,
                sockets,
                config.limits(),
                overloaded,
                clock);
    }
}
