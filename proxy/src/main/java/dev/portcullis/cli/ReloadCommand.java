package dev.portcullis.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Has a running sidecar read its configuration again, and says what it thinks of it. */
@Command(
        name = "reload",
        description = {
            "Have the running sidecar read its configuration file again, now.",
            "It is taken over whole, or not at all: then the exit code is 1 and the reasons are"
                    + " printed. SIGHUP does the same without an answer; a file that changes is read"
                    + " by itself."
        },
        mixinStandardHelpOptions = true)
final class ReloadCommand implements Callable<Integer> {
    private final Map<String, String> env;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli before anything runs.
    private CommandSpec spec;

    @Mixin private final ControlOption control = new ControlOption();

    ReloadCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() {
        int code = control.ask(env, spec.commandLine(), Map.of("verb", "reload"), _ -> {});
        if (code == ExitCode.FINE) {
            spec.commandLine().getOut().println("reloaded");
        }
        return code;
    }
}
