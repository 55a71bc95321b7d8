package dev.portcullis.cli;

import dev.portcullis.client.Logins;
import dev.portcullis.runtime.PlainWords;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Ends what {@code login} began. */
@Command(
        name = "logout",
        description = "Give the tokens for a door back to their issuer, and forget them.",
        mixinStandardHelpOptions = true)
final class LogoutCommand implements Callable<Integer> {
    private final Logins logins;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    @Mixin private final DoorOption door = new DoorOption();

    LogoutCommand(Logins logins) {
        this.logins = logins;
    }

    @Override
    public Integer call() throws InterruptedException {
        var err = spec.commandLine().getErr();
        try {
            var named = door.door(logins);
            if (logins.signOut(named)) {
                err.println("Signed out of " + named + ".");
                return ExitCode.FINE;
            }
            err.println("portcullis logout: " + named + ": not signed in");
        } catch (IOException failure) {
            err.println("portcullis logout: " + PlainWords.of(failure));
        }
        return ExitCode.REFUSED;
    }
}
