package dev.portcullis.admin;

import dev.portcullis.http.Fields;
import dev.portcullis.http.LocalResponse;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the admin listener answers, as a function of the request: {@code /live}, {@code /ready},
 * {@code /metrics}, and nothing else.
 */
final class AdminAnswers {
    /** A page in a browser whose name was pointed at 127.0.0.1 sends its own name here. */
    private static final Pattern LOOPBACK_HOST =
            Pattern.compile("(?i)(localhost|127(\\.[0-9]{1,3}){3}|\\[::1])(:[0-9]{1,5})?");

    private final List<HealthCheck> checks;
    private final Supplier<String> metrics;

    AdminAnswers(List<HealthCheck> checks, Supplier<String> metrics) {
        this.checks = List.copyOf(checks);
        this.metrics = metrics;
    }

    LocalResponse answer(String method, String target, @Nullable String host) {
        if (host == null) {
            return LocalResponse.text(400, "found no Host or several (expected: one)\n");
        }
        if (!LOOPBACK_HOST.matcher(host).matches()) {
            return LocalResponse.text(421, "Host is not this listener (expected: localhost)\n");
        }
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return LocalResponse.text(405, "expected: GET or HEAD\n")
                    .with(Fields.of("allow", "GET, HEAD"));
        }
        return switch (target) {
            case "/live" -> LocalResponse.text(200, "live\n");
            case "/ready" -> ready();
            case "/metrics" ->
                    LocalResponse.of(
                            200, "text/plain; version=0.0.4; charset=utf-8", metrics.get());
            default -> LocalResponse.text(404, "expected: /live, /ready or /metrics\n");
        };
    }

    private LocalResponse ready() {
        var readiness = Readiness.of(checks);
        return LocalResponse.of(
                readiness.ready() ? 200 : 503, "application/json", readiness.json());
    }
}
