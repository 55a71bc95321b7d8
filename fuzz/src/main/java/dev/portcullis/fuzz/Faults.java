package dev.portcullis.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Hears of faults that the code under test caught and logged: there is no input to make one. */
public final class Faults implements AutoCloseable {
    private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
    private final List<String> heard = new CopyOnWriteArrayList<>();
    private final AppenderBase<ILoggingEvent> appender =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    boolean ours = event.getLoggerName().startsWith("dev.portcullis");
                    if (event.getLevel().isGreaterOrEqual(ours ? Level.ERROR : Level.WARN)) {
                        heard.add(text(event));
                    }
                }
            };

    private Faults() {
        root.detachAndStopAllAppenders();
        root.setLevel(Level.INFO);
        appender.setContext(root.getLoggerContext());
        appender.start();
        root.addAppender(appender);
    }

    /** Begins to listen; nothing is logged elsewhere from now on. */
    public static Faults watch() {
        return new Faults();
    }

    private static String text(ILoggingEvent event) {
        var text = new StringBuilder(event.getFormattedMessage());
        IThrowableProxy cause = event.getThrowableProxy();
        if (cause != null) {
            text.append(": ").append(cause.getClassName()).append(": ").append(cause.getMessage());
            for (var frame : cause.getStackTraceElementProxyArray()) {
                text.append("\n  ").append(frame);
            }
        }
        return text.toString();
    }

    /** Reports what was heard. */
    public void check() {
        Finding.unless(heard.isEmpty(), "a fault was logged: " + heard);
    }

    @Override
    public void close() {
        root.detachAppender(appender);
    }
}
