package dev.portcullis.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.portcullis.audit.AuditEvent.Verdict;
import dev.portcullis.audit.Reason;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MetersTest {
    private final Meters meters = new Meters("1.2.3");

    @AfterEach
    void close() {
        meters.close();
    }

    @Test
    void decisions_areCountedByVerdictAndReason() {
        meters.decided(Verdict.ALLOW, Reason.ALLOWED);
        meters.decided(Verdict.ALLOW, Reason.ALLOWED);
        meters.decided(Verdict.DENY, Reason.USER_NOT_ALLOWED);
        assertScraped("portcullis_decisions_total{reason=\"allowed\",verdict=\"allow\"} 2.0");
        assertScraped(
                "portcullis_decisions_total{reason=\"user-not-allowed\",verdict=\"deny\"} 1.0");
    }

    @Test
    void everyRefusal_isThereBeforeItHappens() {
        assertScraped(
                "portcullis_decisions_total{reason=\"audit-unavailable\",verdict=\"deny\"} 0.0");
    }

    @ParameterizedTest
    @CsvSource({"101, 1xx", "204, 2xx", "302, 3xx", "429, 4xx", "503, 5xx", "599, 5xx"})
    void answers_areCountedByStatusClass(int status, String shown) {
        meters.answered(status, false, 1);
        assertScraped("portcullis_responses_total{class=\"" + shown + "\"} 1.0");
    }

    @Test
    void durations_fallIntoBucketsOfWhoAnswered() {
        meters.answered(200, true, Duration.ofMillis(20).toNanos());
        assertScraped("portcullis_request_seconds_bucket{answered=\"relayed\",le=\"0.01\"} 0");
        assertScraped("portcullis_request_seconds_bucket{answered=\"relayed\",le=\"0.03\"} 1");
        assertScraped("portcullis_request_seconds_count{answered=\"local\"} 0");
    }

    @Test
    void connections_openAndClose() {
        meters.connectionOpened();
        meters.connectionOpened();
        meters.connectionClosed();
        meters.connectionRefused(Limit.CONNECTIONS_PER_ADDRESS);
        assertScraped("portcullis_connections_open 1.0");
        assertScraped("portcullis_connections_accepted_total 2.0");
        assertScraped("portcullis_connections_refused_total 1.0");
        assertScraped("portcullis_limit_reached_total{limit=\"connections-per-address\"} 1.0");
    }

    @Test
    void gatewayConnections_areOpenAndSomeOfThemIdle() {
        meters.gatewayOpened();
        meters.gatewayOpened();
        meters.gatewayIdled();
        meters.gatewayConnectFailed();
        assertScraped("portcullis_gateway_connections{state=\"open\"} 2.0");
        assertScraped("portcullis_gateway_connections{state=\"idle\"} 1.0");
        assertScraped("portcullis_gateway_connects_failed_total 1.0");
    }

    @Test
    void healthGauges_followWhatTheyAsk() {
        var up = new AtomicBoolean(true);
        meters.gatewayUp(up::get);
        meters.providerUp(() -> false);
        assertScraped("portcullis_gateway_up 1.0");
        assertScraped("portcullis_provider_up 0.0");
        up.set(false);
        assertScraped("portcullis_gateway_up 0.0");
    }

    @Test
    void auditLog_showsItsQueue() {
        meters.audit(() -> 3, () -> 2, () -> true);
        assertScraped("portcullis_audit_queue_depth 3.0");
        assertScraped("portcullis_audit_refused_total 2.0");
        assertScraped("portcullis_audit_up 1.0");
    }

    @ParameterizedTest
    @EnumSource(Limit.class)
    void everyLimit_hasItsValueAndACount(Limit limit) {
        meters.limit(limit, 42);
        meters.limitReached(limit);
        assertScraped("portcullis_limit{limit=\"" + limit.label() + "\"} 42.0");
        assertScraped("portcullis_limit_reached_total{limit=\"" + limit.label() + "\"} 1.0");
    }

    @Test
    void rateLimited_countsAsALimitReached() {
        meters.rateLimited(Bucket.ADDRESS);
        assertScraped("portcullis_rate_limited_total{bucket=\"address\"} 1.0");
        assertScraped("portcullis_limit_reached_total{limit=\"rate-address\"} 1.0");
    }

    @Test
    void build_isNamed() {
        assertThat(meters.scrape()).contains("portcullis_build_info{").contains("1.2.3");
    }

    @Test
    void counting_allocatesNothing() {
        var thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        countManyTimes(); // Registers what is registered at first sight.
        long before = thread.getCurrentThreadAllocatedBytes();
        countManyTimes();
        // One object per call would be 16 bytes each, some 10 MB.
        assertThat(thread.getCurrentThreadAllocatedBytes() - before).isLessThan(100_000);
    }

    private void countManyTimes() {
        for (int i = 0; i < 50_000; i++) {
            meters.decided(Verdict.ALLOW, Reason.ALLOWED);
            meters.decided(Verdict.DENY, Reason.RATE_LIMITED);
            meters.answered(200, true, i);
            meters.relayedBytes(Direction.TO_CLIENT, 1024);
            meters.relayedFrames(Direction.TO_GATEWAY, 1);
            meters.connectionOpened();
            meters.connectionClosed();
            meters.webSocketOpened();
            meters.webSocketClosed();
            meters.gatewayIdled();
            meters.gatewayTaken();
            meters.rateLimited(Bucket.ADDRESS);
        }
    }

    private void assertScraped(String line) {
        assertThat(meters.scrape().lines()).contains(line);
    }
}
