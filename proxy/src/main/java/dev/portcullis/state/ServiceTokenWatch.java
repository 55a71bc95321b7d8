package dev.portcullis.state;

import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.AuditLog;
import dev.portcullis.audit.Reason;
import dev.portcullis.identity.Principal;
import dev.portcullis.identity.ServiceToken;
import dev.portcullis.identity.ServiceTokens;
import dev.portcullis.session.LiveConnections;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the running sidecar's service tokens equal to the file's: what is made opens, and what is
 * revoked ends with all its connections, within a second. A file that cannot be read changes
 * nothing, and is named in the log until it can.
 */
public final class ServiceTokenWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceTokenWatch.class);
    private static final Duration PACE = Duration.ofMillis(250);
    private static final Duration TELL_AGAIN = Duration.ofMinutes(1);

    private final ServiceTokenFile file;
    private final ServiceTokens tokens;
    private final LiveConnections connections;
    private final AuditLog audit;
    private final InstantSource clock;
    private final Map<String, ServiceToken> told = new HashMap<>();
    private @Nullable Stamp seen;
    private long tellAgainNanos = System.nanoTime();
    private @Nullable ScheduledFuture<?> pace;

    /** What tells one version of the file from the next: it is never written in place. */
    private record Stamp(@Nullable Object key, long size, long modifiedNanos) {}

    private ServiceTokenWatch(
            ServiceTokenFile file,
            ServiceTokens tokens,
            LiveConnections connections,
            AuditLog audit,
            InstantSource clock) {
        this.file = file;
        this.tokens = tokens;
        this.connections = connections;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Reads the file, and goes on looking at it.
     *
     * @param scheduler one thread of ours, not an event loop; left running by {@link #close}
     * @throws IOException if it cannot be read now
     */
    public static ServiceTokenWatch start(
            ServiceTokenFile file,
            ServiceTokens tokens,
            LiveConnections connections,
            AuditLog audit,
            InstantSource clock,
            ScheduledExecutorService scheduler)
            throws IOException {
        var watch = new ServiceTokenWatch(file, tokens, connections, audit, clock);
        watch.readIfChanged();
        watch.pace =
                scheduler.scheduleWithFixedDelay(
                        watch::look, PACE.toMillis(), PACE.toMillis(), TimeUnit.MILLISECONDS);
        return watch;
    }

    private void look() {
        try {
            readIfChanged();
        } catch (IOException | RuntimeException failure) {
            if (System.nanoTime() - tellAgainNanos >= 0) {
                tellAgainNanos = System.nanoTime() + TELL_AGAIN.toNanos();
                LOG.error(
                        "service tokens stay as they were: {}",
                        Objects.requireNonNullElse(failure.getMessage(), "unreadable"));
            }
        }
    }

    private void readIfChanged() throws IOException {
        var now = stamp();
        if (!now.equals(seen)) {
            var read = file.read();
            seen = now;
            tellAgainNanos = System.nanoTime();
            replace(read);
        }
    }

    private Stamp stamp() throws IOException {
        try {
            var is = Files.readAttributes(file.path(), BasicFileAttributes.class);
            return new Stamp(
                    is.fileKey(), is.size(), is.lastModifiedTime().to(TimeUnit.NANOSECONDS));
        } catch (NoSuchFileException _) {
            return new Stamp(null, 0, 0);
        }
    }

    private void replace(List<ServiceToken> now) {
        for (var handle : tokens.replace(now)) {
            connections.close(new LiveConnections.Key.Handle(handle), Reason.SERVICE_TOKEN_REVOKED);
            var gone = told.get(handle);
            if (gone != null) {
                // The end stands whether or not it can be written down.
                var _ = audit.accept(revoked(gone));
            }
        }
        told.clear();
        now.forEach(token -> told.put(token.handle(), token));
    }

    private AuditEvent revoked(ServiceToken token) {
        return AuditEvent.ofEnd(
                clock.instant(),
                Reason.SERVICE_TOKEN_REVOKED,
                ServiceToken.userName(token.name()).value(),
                Principal.Means.SERVICE_TOKEN.label(),
                token.handle());
    }

    @Override
    public void close() {
        if (pace != null) {
            pace.cancel(false);
        }
    }
}
