package dev.portcullis;

import dev.portcullis.audit.AuditEvent;
import dev.portcullis.audit.AuditLog;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.ConfigFile;
import dev.portcullis.config.FileStamp;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.config.Problem;
import dev.portcullis.metrics.Meters;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the configuration file again and has it taken over; whoever asks: a signal, a command, or
 * the file itself. What is refused stays an alarm until something is taken over. Any thread that
 * may block.
 */
final class Reloads {
    /** Who asked. */
    enum Trigger {
        SIGNAL,
        COMMAND,
        FILE
    }

    private static final Logger LOG = LoggerFactory.getLogger(Reloads.class);

    private final ConfigFile.Origin origin;
    private final Function<PortcullisConfig, Reload> taking;
    private final AuditLog audit;
    private final Meters meters;
    private final InstantSource clock;
    private volatile Map<Path, FileStamp> files;
    private volatile Optional<String> trouble = Optional.empty();

    /**
     * @param origin where the configuration came from
     * @param files that were read for it
     * @param taking takes a configuration over
     */
    Reloads(
            ConfigFile.Origin origin,
            Map<Path, FileStamp> files,
            Function<PortcullisConfig, Reload> taking,
            AuditLog audit,
            Meters meters,
            InstantSource clock) {
        this.origin = origin;
        this.files = Map.copyOf(files);
        this.taking = taking;
        this.audit = audit;
        this.meters = meters;
        this.clock = clock;
        meters.reloadFailed(() -> trouble.isPresent());
    }

    /** The files to watch, as they were when they were last read. */
    Map<Path, FileStamp> files() {
        return files;
    }

    /** Why the configuration in force is not the one in the file; empty if it is. */
    Optional<String> trouble() {
        return trouble;
    }

    /** Reads and takes over, or changes nothing. */
    synchronized Reload reload(Trigger trigger) {
        long begin = System.nanoTime();
        var reading = ConfigFile.read(origin);
        files = reading.result() instanceof ConfigFile.Loaded ? reading.files() : more(reading);
        var outcome =
                switch (reading.result()) {
                    case ConfigFile.Loaded(var config, _) -> taking.apply(config);
                    case ConfigFile.Invalid(var problems) ->
                            new Reload.Refused(problems.stream().map(Problem::toString).toList());
                };
        note(trigger, outcome, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        return outcome;
    }

    /** A file that cannot be parsed names no others; those it named before are still watched. */
    private Map<Path, FileStamp> more(ConfigFile.Reading reading) {
        var all = new HashMap<Path, FileStamp>();
        files.keySet().forEach(file -> all.put(file, FileStamp.of(file)));
        all.putAll(reading.files());
        return Map.copyOf(all);
    }

    private void note(Trigger trigger, Reload outcome, long millis) {
        boolean done = outcome instanceof Reload.Done;
        if (outcome instanceof Reload.Refused(var why)) {
            trouble = Optional.of(why.getFirst());
            LOG.atError()
                    .addKeyValue("trigger", trigger.name())
                    .addKeyValue("why", String.join("; ", why))
                    .log("the new configuration was refused; the old one stays in force");
        } else {
            trouble = Optional.empty();
            LOG.atInfo()
                    .addKeyValue("trigger", trigger.name())
                    .addKeyValue("millis", millis)
                    .log("a new configuration is in force");
        }
        meters.reloaded(done);
        var _ = audit.accept(event(done));
    }

    private AuditEvent event(boolean done) {
        return AuditEvent.ofProcess(
                clock.instant(),
                AuditEvent.Kind.RELOAD,
                done ? AuditEvent.Verdict.DONE : AuditEvent.Verdict.DENY,
                done ? Reason.RELOADED : Reason.RELOAD_REFUSED);
    }
}
