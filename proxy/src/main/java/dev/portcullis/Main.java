package dev.portcullis;

import dev.portcullis.cli.Cli;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The jar's entry point. */
public final class Main {
    private Main() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] arguments) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int exitCode = Cli.run(RunningSidecar::start, System.getenv(), out, err, arguments);
        Logging.flush(); // The last lines are the ones that say why.
        System.exit(exitCode);
    }
}
