package dev.portcullis.testing;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import dev.portcullis.LogLines;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Holds every line that is logged while it is open, just as it would reach stderr and from TRACE
 * up, so that a test can look for what must not stand there. Meanwhile stderr gets none.
 *
 * <pre>{@code
 * try (var logs = CapturedLogs.start()) {
 *     …
 *     logs.assertNoneContains(token);
 * }
 * }</pre>
 */
public final class CapturedLogs implements AutoCloseable {
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final Logger ours = (Logger) LoggerFactory.getLogger("dev.portcullis");
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final LogLines encoder = new LogLines();
    private final Lines appender = new Lines();
    private final @Nullable Level before = ours.getLevel();
    private final List<Appender<ILoggingEvent>> stderr = new ArrayList<>();

    private CapturedLogs() {
        appender.setContext(root.getLoggerContext());
        appender.start();
        ours.setLevel(Level.TRACE);
        root.iteratorForAppenders().forEachRemaining(stderr::add);
        stderr.forEach(root::detachAppender);
        root.addAppender(appender);
    }

    /** Begins to hold lines. */
    public static CapturedLogs start() {
        return new CapturedLogs();
    }

    /** The lines so far. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** Fails if a line holds one of the secrets. */
    public void assertNoneContains(String... secrets) {
        assertThat(lines()).allSatisfy(line -> assertThat(line).doesNotContain(secrets));
    }

    @Override
    public void close() {
        root.detachAppender(appender);
        stderr.forEach(root::addAppender);
        ours.setLevel(before);
    }

    private final class Lines extends AppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            lines.add(new String(encoder.encode(event), StandardCharsets.UTF_8));
        }
    }
}
