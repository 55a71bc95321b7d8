package dev.portcullis;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets logging up: JSON lines to stderr, level INFO. Logback finds this class as a service, asks
 * nothing else, and so reads no file from the class path or the working directory.
 *
 * <p>Lines are written by a thread of their own. When nobody reads our stderr, lines are dropped: a
 * stuck terminal must not stop an event loop. What must not be lost stands in the audit log.
 */
public final class Logging extends ContextAwareBase implements Configurator {
    private static final int QUEUE = 4096;

    /** Called by Logback. */
    public Logging() {}

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        context.getLogger("io.netty").setLevel(Level.WARN);
        // It warns of each client that does not read a goodbye: lines that a stranger could order.
        context.getLogger("io.netty.handler.ssl.SslHandler").setLevel(Level.ERROR);
        context.getLogger("io.lettuce").setLevel(Level.WARN);
        root.addAppender(behindQueue(context, toStderr(context)));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Writes what is waiting and stops. Called last of all, before the process ends. */
    public static void flush() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.stop();
        }
    }

    private static ConsoleAppender<ILoggingEvent> toStderr(Context context) {
        var lines = new LogLines();
        lines.setContext(context);
        lines.start();
        var stderr = new ConsoleAppender<ILoggingEvent>();
        stderr.setContext(context);
        stderr.setName("stderr");
        stderr.setTarget("System.err");
        stderr.setEncoder(lines);
        stderr.start();
        return stderr;
    }

    private static AsyncAppender behindQueue(
            Context context, ConsoleAppender<ILoggingEvent> stderr) {
        var queue = new AsyncAppender();
        queue.setContext(context);
        queue.setName("portcullis-log");
        queue.setQueueSize(QUEUE);
        queue.setDiscardingThreshold(0); // INFO is not worth less than WARN.
        queue.setNeverBlock(true);
        queue.addAppender(stderr);
        queue.start();
        return queue;
    }
}
