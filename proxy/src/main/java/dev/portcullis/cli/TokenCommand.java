package dev.portcullis.cli;

import dev.portcullis.client.Logins;
import dev.portcullis.runtime.PlainWords;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Hands an access token to whatever program needs one, and nothing else on its output. */
@Command(
        name = "token",
        description = {
            "Print an access token for a door, refreshed if it must be.",
            "For programs: prints nothing else, and asks nothing."
        },
        mixinStandardHelpOptions = true)
final class TokenCommand implements Callable<Integer> {
    private final Logins logins;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    @Mixin private final DoorOption door = new DoorOption();

    @Option(
            names = "--bearer",
            description = "Print it as the value of an Authorization header: Bearer, a blank, it.")
    private boolean bearer;

    TokenCommand(Logins logins) {
        this.logins = logins;
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            var token = logins.token(door.door(logins)).expose();
            spec.commandLine().getOut().println(bearer ? "Bearer " + token : token);
            return ExitCode.FINE;
        } catch (IOException failure) {
            spec.commandLine().getErr().println("portcullis token: " + PlainWords.of(failure));
            return ExitCode.REFUSED;
        }
    }
}
