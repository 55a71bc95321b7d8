package dev.portcullis.metrics;

import dev.portcullis.audit.AuditEvent.Verdict;
import dev.portcullis.audit.Reason;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Decisions by verdict and reason. Every refusal is a series from the start, so that an alert sees
 * its first one; of the others only the pairs that occur.
 */
final class Decisions {
    private static final EnumSet<Reason> NO_REFUSAL = EnumSet.of(Reason.ALLOWED, Reason.OWN_PAGE);

    private final MeterRegistry registry;
    private final EnumTable<Verdict, Map<Reason, Counter>> counters =
            new EnumTable<>(Verdict.class, _ -> new ConcurrentHashMap<>());

    Decisions(MeterRegistry registry) {
        this.registry = registry;
        for (var reason : EnumSet.complementOf(NO_REFUSAL)) {
            first(Verdict.DENY, reason);
        }
    }

    void count(Verdict verdict, Reason reason) {
        var counter = counters.get(verdict).get(reason);
        (counter == null ? first(verdict, reason) : counter).increment();
    }

    /** Registers the pair; twice at the same time gives the same counter. */
    private Counter first(Verdict verdict, Reason reason) {
        var counter =
                Counter.builder("portcullis.decisions")
                        .description("Decisions by verdict and reason, as in the audit log")
                        .tag("verdict", verdict.name().toLowerCase(Locale.ROOT))
                        .tag("reason", reason.code())
                        .register(registry);
        counters.get(verdict).put(reason, counter);
        return counter;
    }
}
