package dev.portcullis.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;

/**
 * Makes the meters: what each is called, how it is described and labelled. Once, before anything is
 * counted; gauges are added by whoever starts.
 */
final class MeterFactory {
    /** From an answer of our own to the Gateway's slowest. */
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(3),
        Duration.ofMillis(10),
        Duration.ofMillis(30),
        Duration.ofMillis(100),
        Duration.ofMillis(300),
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(120)
    };

    private final MeterRegistry registry;

    MeterFactory(MeterRegistry registry) {
        this.registry = registry;
    }

    Counter limitReached(Limit limit) {
        return counter(
                "portcullis.limit.reached",
                "How often a limit refused or ended something",
                "limit",
                limit.label());
    }

    AtomicReference<Double> limit(Limit limit) {
        var value = new AtomicReference<>(0.0);
        Gauge.builder("portcullis.limit", value, AtomicReference::get)
                .description("The configured limit: bytes, a count, or seconds")
                .tag("limit", limit.label())
                .strongReference(true)
                .register(registry);
        return value;
    }

    Counter relayed(String what, Direction direction) {
        return counter(
                "portcullis.relayed." + what,
                "Body and WebSocket " + what + " relayed",
                "direction",
                direction.label());
    }

    Counter admitted(Spoken spoken) {
        return counter(
                "portcullis.admitted",
                "Requests let pass, by what the client spoke",
                "protocol",
                spoken.protocol(),
                "kind",
                spoken.kind());
    }

    Counter rateLimits(Bucket bucket) {
        return counter(
                "portcullis.rate.limited", "Requests answered 429", "bucket", bucket.label());
    }

    Counter signIns(SignIn outcome) {
        return counter("portcullis.sign.ins", "Sign-ins", "outcome", outcome.label());
    }

    Counter refreshes(Refresh outcome) {
        return counter(
                "portcullis.session.refreshes",
                "Refreshes of sessions at the provider",
                "outcome",
                outcome.label());
    }

    Counter counter(String name, String description, String... tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }

    Counter handshakes(String outcome) {
        return counter("portcullis.tls.handshakes", "TLS handshakes", "outcome", outcome);
    }

    Counter reloads(String outcome) {
        return counter("portcullis.reloads", "Configurations read again", "outcome", outcome);
    }

    Counter clockSteps(String way) {
        return counter("portcullis.clock.steps", "Steps of the wall clock", "way", way);
    }

    Timer timer(String answeredBy) {
        return Timer.builder("portcullis.request")
                .description("From the end of a request's head to the end of its answer")
                .tag("answered", answeredBy)
                .serviceLevelObjectives(BUCKETS)
                .register(registry);
    }

    void gatewayGauge(String state, LongAdder count) {
        Gauge.builder("portcullis.gateway.connections", count::sum)
                .description("Connections to the Gateway; the idle ones are open too")
                .tag("state", state)
                .register(registry);
    }

    void gauge(String name, String description, DoubleSupplier value) {
        Gauge.builder(name, value::getAsDouble).description(description).register(registry);
    }
}
