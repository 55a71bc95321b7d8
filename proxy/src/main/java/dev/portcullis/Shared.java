package dev.portcullis;

import dev.portcullis.audit.AuditLog;
import dev.portcullis.config.RateLimitsConfig;
import dev.portcullis.identity.ServiceTokens;
import dev.portcullis.login.OwnRoutes;
import dev.portcullis.login.SessionRefresher;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.RateLimits;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.session.SessionEnder;
import dev.portcullis.session.SessionStore;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * What every {@link Generation} works with, and no reload replaces.
 *
 * @param sessions who is signed in
 * @param live what is open
 * @param ender how a session ends
 * @param audit what was decided
 * @param meters what was counted
 * @param refresher keeps sessions in step with the provider
 * @param serviceTokens the machines that may come
 * @param rateLimits makes the rate limits, of this process or shared by a fleet
 * @param overloaded whether memory is short
 * @param clock wall-clock time
 * @param timer short work, a few times a second
 * @param waiting where our own routes wait
 */
record Shared(
        SessionStore sessions,
        LiveConnections live,
        SessionEnder ender,
        AuditLog audit,
        Meters meters,
        SessionRefresher refresher,
        ServiceTokens serviceTokens,
        Function<RateLimitsConfig, RateLimits> rateLimits,
        BooleanSupplier overloaded,
        InstantSource clock,
        ScheduledExecutorService timer,
        OwnRoutes.Waiting waiting) {}
