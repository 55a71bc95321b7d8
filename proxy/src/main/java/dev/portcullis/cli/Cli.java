package dev.portcullis.cli;

import dev.portcullis.client.Logins;
import dev.portcullis.runtime.Signals;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line: {@code portcullis COMMAND}. Each command is a class of its own. */
@Command(
        name = "portcullis",
        description = "The one door in front of an OpenClaw Gateway.",
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeOnInvalidInput = ExitCode.USAGE,
        exitCodeOnExecutionException = ExitCode.REFUSED,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:fine",
            "1:findings, or refused",
            "2:wrong usage",
            "78:bad configuration"
        })
public final class Cli implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    private Cli() {}

    /**
     * Runs one command, of those that start nothing.
     *
     * @return the exit code, one of {@link ExitCode}
     */
    public static int run(
            Map<String, String> env, PrintWriter out, PrintWriter err, String... arguments) {
        return withoutRun(env).setOut(out).setErr(err).execute(arguments);
    }

    /**
     * Runs one command, of all there are.
     *
     * @param starter starts a sidecar for {@code run}
     * @return the exit code, one of {@link ExitCode}
     */
    public static int run(
            Sidecar.Starter starter,
            Map<String, String> env,
            PrintWriter out,
            PrintWriter err,
            String... arguments) {
        return withoutRun(env)
                .addSubcommand(new RunCommand(env, starter, Signals::onStop))
                .setOut(out)
                .setErr(err)
                .execute(arguments);
    }

    private static CommandLine withoutRun(Map<String, String> env) {
        var logins = Logins.of(env, Clock.systemUTC());
        return new CommandLine(new Cli())
                .addSubcommand(new ValidateCommand(env))
                .addSubcommand(new LiveCommand(env))
                .addSubcommand(new ReadyCommand(env))
                .addSubcommand(new ServiceTokenCommand(env, Clock.systemUTC()))
                .addSubcommand(new LoginCommand(env, logins))
                .addSubcommand(new TokenCommand(logins))
                .addSubcommand(new LogoutCommand(logins))
                .addSubcommand(new ReloadCommand(env))
                .addSubcommand("sessions", SessionsCommand.of(env));
    }

    /** No command is wrong usage. */
    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "found no command (expected: one of these)");
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            var version = Optional.ofNullable(Cli.class.getPackage().getImplementationVersion());
            return new String[] {"portcullis " + version.orElse("(not from a jar)")};
        }
    }
}
