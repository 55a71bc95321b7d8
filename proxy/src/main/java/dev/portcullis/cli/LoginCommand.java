package dev.portcullis.cli;

import dev.portcullis.client.Logins;
import dev.portcullis.client.Screen;
import dev.portcullis.runtime.PlainWords;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Signs a person in at the issuer that a door names. */
@Command(
        name = "login",
        description = {
            "Sign in for a door, so that portcullis token has something to print.",
            "Opens a browser where there is one; otherwise shows an address and a code to enter"
                    + " there."
        },
        mixinStandardHelpOptions = true)
final class LoginCommand implements Callable<Integer> {
    private final Map<String, String> env;
    private final Logins logins;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    @Parameters(
            paramLabel = "ADDRESS",
            converter = DoorAddress.class,
            description = "The door, such as https://claw.example.com.")
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private URI door;

    @ArgGroup private @Nullable Where where;

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "PEM of the authority behind a private certificate of door and issuer.")
    private @Nullable Path ca;

    @Option(
            names = "--client-id",
            paramLabel = "ID",
            description = "As whom, if not as the door says.")
    private @Nullable String clientId;

    @Option(
            names = "--issuer",
            paramLabel = "URL",
            description = "Where, if not where the door says.")
    private @Nullable String issuer;

    @Option(
            names = "--scope",
            paramLabel = "SCOPE",
            description = "What to ask for, if not what the door says; may stand several times.")
    private List<String> scopes = List.of();

    LoginCommand(Map<String, String> env, Logins logins) {
        this.env = env;
        this.logins = logins;
    }

    /** One of the two, or neither. */
    static final class Where {
        @Option(
                names = "--browser",
                required = true,
                description = "Use a browser on this machine, even if none can be opened.")
        private boolean browser;

        @Option(
                names = "--device",
                required = true,
                description = "Use a browser that is elsewhere, with a code.")
        @SuppressWarnings("UnusedVariable") // If it is not the other, it is this.
        private boolean device;
    }

    @Override
    public Integer call() throws InterruptedException {
        var err = spec.commandLine().getErr();
        try {
            var wishes = new Logins.Wishes(ca, issuer, clientId, scopes);
            logins.signIn(door, wishes, flow(), new Terminal(err));
            err.println("Signed in for " + door + ".");
            return ExitCode.FINE;
        } catch (IOException failure) {
            err.println("portcullis login: " + PlainWords.of(failure));
            return ExitCode.REFUSED;
        }
    }

    private Logins.Flow flow() {
        if (where != null) {
            return where.browser ? Logins.Flow.BROWSER : Logins.Flow.DEVICE;
        }
        return hasDesktop() ? Logins.Flow.BROWSER : Logins.Flow.DEVICE;
    }

    private boolean hasDesktop() {
        return isMac() || env.containsKey("DISPLAY") || env.containsKey("WAYLAND_DISPLAY");
    }

    private static boolean isMac() {
        return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac");
    }

    /** Says it on the terminal, and opens the browser where there is a desktop. */
    private final class Terminal implements Screen {
        private final PrintWriter err;

        private Terminal(PrintWriter err) {
            this.err = err;
        }

        @Override
        public void open(URI address) {
            err.println("Sign in here: " + address);
            if (hasDesktop()) {
                startBrowser(address);
            }
        }

        @Override
        public void enter(URI address, String code, @Nullable URI complete) {
            err.println("Open " + address + " in any browser and enter the code " + code);
            if (complete != null) {
                err.println("or open " + complete);
            }
        }

        private void startBrowser(URI address) {
            try {
                new ProcessBuilder(isMac() ? "open" : "xdg-open", address.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
            } catch (IOException _) {
                err.println("No browser could be opened; the address above works in any.");
            }
        }
    }
}
