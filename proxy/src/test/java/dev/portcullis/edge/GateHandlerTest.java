package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.http.RequestHead;
import dev.portcullis.http.RequestHeads;
import dev.portcullis.http.ResponseHead;
import dev.portcullis.login.Pages;
import dev.portcullis.login.ProtectedResource;
import dev.portcullis.metrics.Meters;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the gate of a connection that is to end lets go of it. */
class GateHandlerTest {
    private static final long LAST_REQUEST_MILLIS = 500;

    private final Meters meters = new Meters("test");
    private final EmbeddedChannel channel = new EmbeddedChannel(new GateHandler(this::gate));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        meters.close();
    }

    @Test
    void stop_requestThatWasOnItsWayIsAnsweredAsTheLast() {
        channel.pipeline().fireUserEventTriggered(new Drain(0));
        pass(LAST_REQUEST_MILLIS - 1);
        assertThat(channel.isOpen()).isTrue();
        channel.writeInbound(request());
        var answer = answers();
        assertThat(answer.getFirst()).isEqualTo(AnswerSignal.LAST);
        assertThat(answer).anyMatch(it -> it instanceof ResponseHead head && head.status() == 503);
    }

    @Test
    void stop_connectionWithoutARequestEndsSoon() {
        channel.pipeline().fireUserEventTriggered(new Drain(0));
        pass(LAST_REQUEST_MILLIS);
        assertThat(channel.isOpen()).isFalse();
    }

    private void pass(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    private List<Object> answers() {
        var all = new ArrayList<>();
        for (var one = channel.readOutbound(); one != null; one = channel.readOutbound()) {
            all.add(one);
        }
        return all;
    }

    private static RequestHead request() {
        var bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        return (RequestHead) RequestHeads.parse(bytes, bytes.length, 9);
    }

    /** Of a door that is short of memory, so that a request needs nobody else for its answer. */
    private Gate gate() {
        return new Gate(
                null,
                null,
                null,
                null,
                null,
                new Pages(null, "/", new ProtectedResource("https://a", List.of(), null)),
                _ -> true,
                meters,
                null,
                null,
                null,
                null,
                null,
                LimitsConfig.DEFAULTS,
                () -> true,
                () -> Instant.EPOCH);
    }
}
