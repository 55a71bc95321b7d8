package dev.portcullis.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Who is signed in, and how to end it. */
@Command(
        name = "sessions",
        description = "See who is signed in at the running sidecar, and end it.",
        synopsisSubcommandLabel = "(list | kill)",
        mixinStandardHelpOptions = true)
final class SessionsCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    private SessionsCommand() {}

    static CommandLine of(Map<String, String> env) {
        return new CommandLine(new SessionsCommand())
                .addSubcommand(new SessionsListCommand(env))
                .addSubcommand(new SessionsKillCommand(env));
    }

    /** No choice is wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "found neither list nor kill (expected: one of them)");
    }
}
