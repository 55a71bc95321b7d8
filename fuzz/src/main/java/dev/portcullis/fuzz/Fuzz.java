package dev.portcullis.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Runs fuzz targets, each in a process of its own: {@code Fuzz [--time SECONDS] [TARGET…]}. A
 * finding stays in the output folder as the input that made it; the exit code is then 1.
 */
public final class Fuzz {
    private static final Pattern EXECUTIONS = Pattern.compile("#(\\d+)\\s+DONE|Done (\\d+) runs");
    private static final long START_SECONDS = 180;

    private final Path output;
    private final Duration time;
    private final long seed;

    /**
     * @param output where corpora and findings go
     * @param time how long each target runs
     * @param seed of the mutations; 0 for another one at each run
     */
    public Fuzz(Path output, Duration time, long seed) {
        this.output = output;
        this.time = time;
        this.seed = seed;
    }

    /**
     * How one target fared.
     *
     * @param executions inputs tried
     * @param sound whether nothing was found
     * @param log where it said so
     */
    public record Outcome(Target target, long executions, boolean sound, Path log) {}

    /** Runs one target to the end of its time, or to its first finding. */
    public Outcome run(Target target) throws IOException, InterruptedException {
        var folder = Files.createDirectories(output.resolve(target.label()));
        var corpus = Files.createDirectories(folder.resolve("corpus"));
        plant(target, corpus);
        var log = folder.resolve("log.txt");
        var process =
                new ProcessBuilder(command(target, folder, corpus))
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            if (!process.waitFor(time.toSeconds() + START_SECONDS, TimeUnit.SECONDS)) {
                return new Outcome(target, 0, false, log); // It hangs: that is a finding.
            }
        } finally {
            process.destroyForcibly();
        }
        return new Outcome(target, executions(log), process.exitValue() == 0, log);
    }

    private List<String> command(Target target, Path folder, Path corpus) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+EnableDynamicAgentLoading",
                        "-Xmx768m",
                        "-Dio.netty.leakDetection.level=paranoid",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "com.code_intelligence.jazzer.Jazzer",
                        "--target_class=" + target.className(),
                        "--instrumentation_includes=dev.portcullis.**",
                        // It breaks Netty's own use of Unsafe.
                        "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.UnsafeSanitizer",
                        // Our targets have oracles of their own: the sanitizers only slow the
                        // start.
                        "--custom_hook_excludes=**",
                        "--reproducer_path=" + folder,
                        "-artifact_prefix=" + folder + "/",
                        "-max_total_time=" + time.toSeconds(),
                        "-seed=" + seed,
                        "-timeout=60",
                        "-rss_limit_mb=0",
                        "-max_len=" + target.bytesMax(),
                        corpus.toString()));
        return command;
    }

    private static void plant(Target target, Path corpus) throws IOException {
        int number = 0;
        for (var seed : target.seeds()) {
            Files.write(corpus.resolve("seed-" + number++), seed);
        }
    }

    private static long executions(Path log) throws IOException {
        long executions = 0;
        for (var line : Files.readAllLines(log, StandardCharsets.ISO_8859_1)) {
            var match = EXECUTIONS.matcher(line);
            if (match.find()) {
                executions =
                        Long.parseLong(match.group(1) == null ? match.group(2) : match.group(1));
            }
        }
        return executions;
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
        var fuzz = new Fuzz(Path.of("fuzz", "target", "fuzz").toAbsolutePath(), time, 0);
        boolean sound = true;
        for (var target : targets.isEmpty() ? List.of(Target.values()) : targets) {
            System.out.printf("%-12s for %d s …%n", target.label(), time.toSeconds());
            var outcome = fuzz.run(target);
            sound &= outcome.sound();
            System.out.printf(
                    "%-12s %,d executions, %s%n",
                    target.label(),
                    outcome.executions(),
                    outcome.sound() ? "nothing found" : "FOUND SOMETHING, see " + outcome.log());
        }
        System.exit(sound ? 0 : 1);
    }
}
