package dev.portcullis.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Ends sessions, and everything that stands on them, within a second. */
@Command(
        name = "kill",
        description = {
            "End sessions: their sockets close within a second, their cookies are worth nothing.",
            "Who may sign in still may; take him off allow-users to keep him out.",
            "In a fleet (state.redis) they end at every sidecar; what a user has open by other"
                    + " means is cut at this one alone."
        },
        mixinStandardHelpOptions = true)
final class SessionsKillCommand implements Callable<Integer> {
    private final Map<String, String> env;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    @Mixin private final ControlOption control = new ControlOption();

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private Which which;

    /** Exactly one of them. */
    private static final class Which {
        @Option(
                names = "--user",
                paramLabel = "NAME",
                description = "All of that user's, and what he has open by other means.")
        private @Nullable String user;

        @Option(
                names = "--session",
                paramLabel = "SESSION",
                description = "That one, as sessions list names it.")
        private @Nullable String session;

        @Option(names = "--all", description = "Everybody's.")
        @SuppressWarnings("UnusedVariable") // One of the three is given; picocli sees to that.
        private boolean all;
    }

    SessionsKillCommand(Map<String, String> env) {
        this.env = env;
    }

    private boolean ended;

    @Override
    public Integer call() {
        var request = new LinkedHashMap<String, String>();
        request.put("verb", "sessions-kill");
        if (which.user != null) {
            request.put("user", which.user);
        } else if (which.session != null) {
            request.put("session", which.session);
        } else {
            request.put("all", "yes");
        }
        int code = control.ask(env, spec.commandLine(), request, this::report);
        // Who mistypes a name in an emergency must hear of it; --all finds nobody with good reason.
        boolean nobody = which.user != null || which.session != null;
        return code == ExitCode.FINE && nobody && !ended ? ExitCode.REFUSED : code;
    }

    private void report(Map<String, String> line) {
        var out = spec.commandLine().getOut();
        ended = !"0".equals(line.get("sessions")) || !"0".equals(line.get("cut"));
        out.println("sessions ended: " + line.get("sessions"));
        if (!"0".equals(line.get("cut"))) {
            out.println("connections cut beside them: " + line.get("cut"));
        }
    }
}
