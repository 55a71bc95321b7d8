package dev.portcullis.edge;

import dev.portcullis.audit.AuditLog;
import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.identity.ServiceTokens;
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
 * Everything that the gate of each connection asks, wired once.
 *
 * @param origin the only Host there is
 * @param authenticator who is it
 * @param policy may they
 * @param rates how fast one may go
 * @param ownRoutes sign-in and the other routes that are answered here
 * @param pages our own answers, as pages or for programs
 * @param audit asked before anything is forwarded
 * @param meters counts it all
 * @param live what must close when an identity ends
 * @param sessions told of activity on sockets
 * @param serviceTokens asked whether a machine's token still stands
 * @param requests how many each user has under way, WebSockets not counted
 * @param sockets how many each user has open
 * @param limits every bound
 * @param overloaded whether memory is short: what is new is turned away
 * @param clock wall-clock time
 */
record Gate(
        PublicOrigin origin,
        Authenticator authenticator,
        Policy policy,
        RateLimits rates,
        OwnRoutes ownRoutes,
        Pages pages,
        AuditLog audit,
        Meters meters,
        LiveConnections live,
        SessionAuthenticator sessions,
        ServiceTokens serviceTokens,
        UserCounts requests,
        UserCounts sockets,
        LimitsConfig limits,
        BooleanSupplier overloaded,
        InstantSource clock) {}
