package dev.portcullis.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs fuzz targets, each in a process of its own: {@code Fuzz [--time SECONDS] [TARGET…]}. A
 * finding stays in the output folder as the input that made it; the exit code is then 1. Time in
 * which the machine stands still does not count: what it took from a target is made up for.
 */
public final class Fuzz {
    private static final long START_SECONDS = 180;
    private static final long SAY_SECONDS = 60;

    /** Less is not worth another start. */
    private static final double LEFT_OF_TIME = 0.05;

    private final Path output;
    private final Duration time;
    private final long seed;
    private final Consumer<String> say;

    /**
     * @param output where corpora and findings go
     * @param time how long each target runs
     * @param seed of the mutations; 0 for another one at each run
     * @param say told how it goes, a line a minute
     */
    public Fuzz(Path output, Duration time, long seed, Consumer<String> say) {
        this.output = output;
        this.time = time;
        this.seed = seed;
        this.say = say;
    }

    /**
     * How one target fared.
     *
     * @param executions inputs tried
     * @param seconds of trying them
     * @param coverage edges of the code that they reached
     * @param finding in a line, empty if nothing was found
     * @param log where it said so
     */
    public record Outcome(
            Target target, long executions, long seconds, long coverage, String finding, Path log) {
        /** Whether nothing was found. */
        public boolean sound() {
            return finding.isEmpty();
        }

        /** A line for a person. */
        @Override
        public String toString() {
            return "%-12s %,d executions in %d s, %,d a second, %,d edges: %s"
                    .formatted(
                            target.label(),
                            executions,
                            seconds,
                            executions / Math.max(1, seconds),
                            coverage,
                            sound() ? "nothing found" : "FOUND " + finding + "; see " + log);
        }
    }

    /** Runs one target to the end of its time, or to its first finding. */
    public Outcome run(Target target) throws IOException, InterruptedException {
        var folder = Files.createDirectories(output.resolve(target.label()));
        plant(target, Files.createDirectories(folder.resolve("corpus")));
        long left = time.toSeconds();
        long executions = 0;
        long coverage = 0;
        for (int part = 1; ; part++) {
            var log = folder.resolve("log-" + part + ".txt");
            long standstill = process(target, left, folder, log);
            var read = FuzzLog.read(log);
            executions += read.executions();
            coverage = Math.max(coverage, read.coverage());
            left = standstill;
            if (!read.finding().isEmpty() || left <= time.toSeconds() * LEFT_OF_TIME) {
                long seconds = time.toSeconds() - left;
                return new Outcome(target, executions, seconds, coverage, read.finding(), log);
            }
            say.accept("%-12s stood still for %d s, goes on".formatted(target.label(), left));
        }
    }

    /** Runs it in a process; the seconds in which the machine stood still meanwhile. */
    private long process(Target target, long seconds, Path folder, Path log)
            throws IOException, InterruptedException {
        long begin = System.nanoTime();
        var process =
                new ProcessBuilder(command(target, seconds, folder))
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            long ran = 0;
            for (; !process.waitFor(1, TimeUnit.SECONDS); ran++) {
                if (ran > seconds + START_SECONDS) {
                    Files.writeString(log, "hang: does not end\n", StandardOpenOption.APPEND);
                    return 0;
                }
                if (ran % SAY_SECONDS == SAY_SECONDS - 1) {
                    say.accept(
                            "%-12s %,d executions so far"
                                    .formatted(target.label(), FuzzLog.read(log).executions()));
                }
            }
            if (process.exitValue() != 0 && FuzzLog.read(log).finding().isEmpty()) {
                var end = "ended: exit code " + process.exitValue() + "\n";
                Files.writeString(log, end, StandardOpenOption.APPEND);
            }
            return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin) - ran;
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> command(Target target, long seconds, Path folder) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+EnableDynamicAgentLoading",
                        "-Xmx768m",
                        "-Dio.netty.leakDetection.level=paranoid",
                        "-D" + Watched.TARGET + "=" + target.className(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + Watched.class.getName(),
                        "--instrumentation_includes=dev.portcullis.**",
                        // It breaks Netty's own use of Unsafe.
                        "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.UnsafeSanitizer",
                        // Our targets have oracles of their own: the sanitizers only slow the
                        // start.
                        "--custom_hook_excludes=**",
                        "--reproducer_path=" + folder,
                        "-artifact_prefix=" + folder + "/",
                        "-max_total_time=" + seconds,
                        "-seed=" + seed,
                        "-timeout=0", // Watched has a better clock.
                        "-rss_limit_mb=0",
                        "-max_len=" + target.bytesMax(),
                        folder.resolve("corpus").toString()));
        return command;
    }

    private static void plant(Target target, Path corpus) throws IOException {
        int number = 0;
        for (var seed : target.seeds()) {
            Files.write(corpus.resolve("seed-" + number++), seed);
        }
    }

    /** The command. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var time = Duration.ofMinutes(10);
        var targets = new ArrayList<Target>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--time") && i + 1 < arguments.length) {
                time = Duration.ofSeconds(Long.parseLong(arguments[++i]));
            } else {
                targets.add(Target.named(arguments[i]));
            }
        }
        var output = Path.of("fuzz", "target", "fuzz").toAbsolutePath();
        var fuzz = new Fuzz(output, time, 0, System.out::println);
        boolean sound = true;
        for (var target : targets.isEmpty() ? List.of(Target.values()) : targets) {
            System.out.printf("%-12s for %d s …%n", target.label(), time.toSeconds());
            var outcome = fuzz.run(target);
            sound &= outcome.sound();
            System.out.println(outcome);
        }
        System.exit(sound ? 0 : 1);
    }
}
