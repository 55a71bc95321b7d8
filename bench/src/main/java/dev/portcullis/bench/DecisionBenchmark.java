package dev.portcullis.bench;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.AuditFile;
import dev.portcullis.audit.Reason;
import dev.portcullis.metrics.Meters;
import dev.portcullis.policy.RateLimit;
import dev.portcullis.state.RateLimitBuckets;
import io.github.bucket4j.TimeMeter;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a decision costs beside HTTP itself: the name, the rate limit, the meters, the audit log.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecisionBenchmark {
    private static final InetAddress CLIENT = InetAddress.ofLiteral("2001:db8::17");
    private static final AuditEvent EVENT =
            new AuditEvent(
                    Instant.parse("2026-11-22T09:14:02.117340Z"),
                    AuditEvent.Kind.REQUEST,
                    AuditEvent.Verdict.ALLOW,
                    Reason.ALLOWED,
                    "7Q2mX0bT",
                    "203.0.113.9:50412",
                    "alice@example.com",
                    "operator",
                    "session",
                    "c5Zr1n0kQy3TqXwB",
                    "GET",
                    "/assets/index.js",
                    0);

    private final RateLimit<InetAddress> limit =
            RateLimitBuckets.byAddress(100_000, 1_000_000, TimeMeter.SYSTEM_NANOTIME);
    private final Meters meters = new Meters("bench");
    private final Path folder;
    private final AuditFile audit;

    /** Made by JMH. */
    public DecisionBenchmark() {
        try {
            folder = Files.createTempDirectory("portcullis-bench");
            audit = AuditFile.open(folder, 8192);
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** So that the first measured call is not the first call. */
    @Setup
    public void begin() {
        meters.decided(AuditEvent.Verdict.ALLOW, Reason.ALLOWED);
    }

    /** Leaves nothing behind. */
    @TearDown
    public void end() throws IOException {
        audit.close();
        meters.close();
        try (var left = Files.walk(folder)) {
            left.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
        }
    }

    /** A name as a claim brings it, to its canonical form. */
    @Benchmark
    public Optional<UserName> canonicalName() {
        return UserName.canonical(" Alice@Example.com ");
    }

    /** One request out of the bucket of its address. */
    @Benchmark
    public RateLimit.Verdict rateLimit() {
        return limit.tryOne(CLIENT);
    }

    /** Everything that is counted for one answer. */
    @Benchmark
    public void meters() {
        meters.decided(AuditEvent.Verdict.ALLOW, Reason.ALLOWED);
        meters.answered(200, true, 1_234_567);
    }

    /** One event, at the pace at which the writer gets them to the file. */
    @Benchmark
    public void auditSustained() {
        while (!audit.accept(EVENT)) {
            Thread.onSpinWait();
        }
    }
}
