package dev.portcullis;

import dev.portcullis.config.ConfigFile;
import dev.portcullis.runtime.Signals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The product with a wall clock that a test sets while it runs. Arguments: a file that says how far
 * the clock is off, and the configuration.
 */
public final class JumpingClock {
    private JumpingClock() {}

    public static void main(String[] arguments) throws Exception {
        var off = Path.of(arguments[0]);
        var origin = new ConfigFile.Origin(Path.of(arguments[1]), Map.of());
        var reading = ConfigFile.read(origin);
        if (!(reading.result() instanceof ConfigFile.Loaded(var config, _))) {
            throw new IllegalArgumentException(reading.result().toString());
        }
        var stopped = new CountDownLatch(1);
        Signals.onStop(stopped::countDown);
        try (var _ =
                Portcullis.start(
                        config, origin, reading.files(), () -> Instant.now().plus(read(off)))) {
            stopped.await();
        }
        System.exit(0);
    }

    private static Duration read(Path off) {
        try {
            return Duration.parse(Files.readString(off));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
