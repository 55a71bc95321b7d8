package dev.portcullis.cli;

import dev.portcullis.config.ConfigFile;
import dev.portcullis.config.FileStamp;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.runtime.PlainWords;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs the sidecar until it is told to stop. */
@Command(
        name = "run",
        description = {
            "Start the sidecar, and stay.",
            "SIGTERM or Ctrl-C lets open connections end within the drain limits, then stops; a"
                    + " second one has a second left for them.",
            "SIGHUP reads the configuration file again, and so does a change of it."
        },
        mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
    private final Map<String, String> env;
    private final Sidecar.Starter starter;
    private final Consumer<Runnable> onStop;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    @Mixin private final ConfigOption config = new ConfigOption();

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "The same as --config FILE.")
    private @Nullable Path file;

    /**
     * @param onStop takes what to do at each signal to stop
     */
    RunCommand(Map<String, String> env, Sidecar.Starter starter, Consumer<Runnable> onStop) {
        this.env = env;
        this.starter = starter;
        this.onStop = onStop;
    }

    @Override
    public Integer call() throws InterruptedException {
        var path = file == null ? config.file(env) : file;
        var err = spec.commandLine().getErr();
        var origin = new ConfigFile.Origin(path, env);
        var reading = ConfigFile.read(origin);
        return switch (reading.result()) {
            case ConfigFile.Invalid(var problems) -> {
                problems.forEach(err::println);
                err.println(path + ": not usable, nothing was started");
                yield ExitCode.BAD_CONFIGURATION;
            }
            case ConfigFile.Loaded(var loaded, var warnings) -> {
                warnings.forEach(err::println);
                yield run(loaded, origin, reading.files());
            }
        };
    }

    private int run(PortcullisConfig loaded, ConfigFile.Origin origin, Map<Path, FileStamp> files)
            throws InterruptedException {
        Sidecar sidecar;
        try {
            sidecar = starter.start(loaded, origin, files);
        } catch (IOException failure) {
            spec.commandLine()
                    .getErr()
                    .println("portcullis did not start: " + PlainWords.of(failure));
            return ExitCode.REFUSED;
        }
        var stopping = new CountDownLatch(1);
        var signals = new AtomicInteger();
        onStop.accept(() -> stop(signals.incrementAndGet(), stopping, sidecar));
        spec.commandLine().getOut().println("portcullis is up: " + sidecar.summary());
        stopping.await();
        sidecar.drain();
        return ExitCode.FINE;
    }

    private static void stop(int times, CountDownLatch stopping, Sidecar sidecar) {
        stopping.countDown();
        if (times > 1) {
            sidecar.cut();
        }
    }
}
