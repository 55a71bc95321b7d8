package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import dev.portcullis.testing.CapturedLogs;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** The shape of a log line, and that no client can break out of it (row 70). */
class LogLinesTest {
    private static final Logger LOG = LoggerFactory.getLogger(LogLinesTest.class);
    private static final Pattern PRINTABLE_LINE = Pattern.compile("[ -~]+\n");

    @Test
    void event_hasItsFieldsInOrder() {
        var line =
                logged(() ->
                        LOG.atInfo()
                                .addKeyValue("status", 502)
                                .addKeyValue("up", false)
                                .log("it is down"));
        assertThat(line)
                .matches(
                        "\\{\"ts\":\"[-0-9]+T[:0-9]+\\.[0-9]{6}Z\",\"level\":\"INFO\","
                                + "\"logger\":\"dev.portcullis.LogLinesTest\",\"thread\":\"main\","
                                + "\"message\":\"it is down\",\"status\":502,\"up\":false}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\r\n{\"level\":\"INFO\"}",
                "\"}",
                "\u001b[2J",
                "\u2028",
                "\u007f",
                "\ud800"
            })
    void whatAClientSent_staysOneValueOfOneLine(String sent) {
        assertOneObject(logged(() -> LOG.atInfo().addKeyValue("sent", sent).log("from a client")));
        assertOneObject(logged(() -> LOG.info("should not stand here: {}", sent)));
        assertOneObject(logged(() -> LOG.error("failed", new IllegalStateException(sent))));
    }

    @Test
    void longValues_areCapped() {
        var line = logged(() -> LOG.atInfo().addKeyValue("sent", "x".repeat(100_000)).log("long"));
        assertThat(line).hasSizeLessThan(1000).contains("x...(+99488)");
    }

    @Test
    void missingValue_isNull() {
        assertThat(logged(() -> LOG.atInfo().addKeyValue("user", (Object) null).log("nobody")))
                .endsWith(",\"user\":null}\n");
    }

    @Test
    void exception_isInTheLineWithItsStack() {
        var line = logged(() -> LOG.error("failed", new IllegalStateException("why")));
        assertThat(line)
                .contains(
                        "\"exception\":\"java.lang.IllegalStateException: why\\n\\tat dev.portcullis");
    }

    @Test
    void debug_andNettyBelowWarn_areOff() {
        assertThat(LoggerFactory.getLogger("dev.portcullis.edge").isDebugEnabled()).isFalse();
        assertThat(LoggerFactory.getLogger("dev.portcullis.edge").isInfoEnabled()).isTrue();
        assertThat(LoggerFactory.getLogger("io.netty.handler").isInfoEnabled()).isFalse();
        assertThat(LoggerFactory.getLogger("io.netty.handler").isWarnEnabled()).isTrue();
    }

    @Test
    void setUp_isOursAndReadsNoFile() {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        assertThat(context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("portcullis-log"))
                .isNotNull();
        assertThat(context.getStatusManager().getCopyOfStatusList())
                .noneMatch(status -> status.getMessage().contains(".xml"));
    }

    private static void assertOneObject(String line) {
        assertThat(line).matches(PRINTABLE_LINE);
        int objects = 0;
        try (var json = new JsonFactory().createParser(ObjectReadContext.empty(), line)) {
            while (json.nextToken() != null) {
                objects += json.currentToken().isStructStart() ? 1 : 0;
            }
        }
        assertThat(objects).isOne();
    }

    private static String logged(Runnable logging) {
        try (var logs = CapturedLogs.start()) {
            logging.run();
            return logs.lines().getLast();
        }
    }
}
